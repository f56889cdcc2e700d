// Package cluster connects Socket.IO servers so that what one does reaches the
// sockets of all: broadcasts with and without acknowledgements, rooms, fetching and
// disconnecting sockets, and events between servers.
//
// It needs a [PubSub]: something that brings bytes from one server to all, such as a
// Redis, NATS or Postgres channel. [New] makes the adapter of it:
//
//	adapter := cluster.New(pubsub, cluster.Options{})
//	server := runtime.NewServer(runtime.ServerOptions{Adapter: adapter.NewAdapter})
//	…
//	server.Close(ctx)
//	adapter.Close(ctx)
//
// All servers of a cluster serve the same contract, in the same version or
// compatible ones. They trust each other, and the channel between them: whoever
// writes to it can do what a server can, and whoever reads it sees handshakes and
// events. Garbage on it is dropped.
//
// # Messages
//
// A message begins with the version, one byte, 1, and the sender's id, a string;
// records follow, each a uvarint for its length and then so many bytes. A record is
// its kind, one byte, the namespace's name, a string, and the fields of its kind, in
// this order:
//
//	to        string   the server that it is for
//	request   uvarint  the request that it makes, answers or ends
//	timeout   uvarint  how long the sender waits, in milliseconds
//	target    strings (rooms), strings (except), flags: 1 volatile, 2 don't compress
//	names     strings  rooms, or ids of sockets
//	id        string   of a socket
//	flag      byte     1: yes
//	payload   bytes (JSON), uvarint (how many attachments), bytes for each
//	sockets   uvarint (how many), and for each: id, handshake as JSON, rooms, payload (its data)
//
// A string is a uvarint for its length and then its bytes, as are bytes; strings are a
// uvarint for how many there are, and so many strings.
//
//	kind                 fields
//	 1 hello                                 who is there?
//	 2 alive                                 at least every heartbeat interval
//	 3 bye                                   the sender closes
//	 4 broadcast         target, payload
//	 5 ask               request, timeout, target, payload
//	 6 asked             to, request, names, flag: that was all
//	 7 acked             to, request, id, payload
//	 8 gone              to, request, id
//	 9 join              target, names
//	10 leave             target, names
//	11 disconnect        target, flag: the connection
//	12 fetch             request, target
//	13 sockets           to, request, flag: that was all, sockets
//	14 server event      request (0: no acknowledgement), payload
//	15 server reply      to, request, payload
//	16 end               request: the sender of ask no longer waits
//
// hello, alive and bye have an empty namespace.
package cluster
