package naming

import "github.com/siogen/siogen/schema"

// goNames are the package-level Go names that the generator makes for a
// namespace with the given prefix, whatever its events are.
func goNames(prefix string) []string {
	return []string{
		prefix + "Server",
		prefix + "ServerSocket",
		prefix + "ServerEmitter",
		prefix + "ServerListener",
		prefix + "ServerBroadcast",
		prefix + "ServerHandler",
		prefix + "ServerRemoteSocket",
		prefix + "InterServer",
		"Unimplemented" + prefix + "ServerHandler",
		"New" + prefix + "Server",
		"NewDynamic" + prefix + "Server",
		prefix + "Client",
		prefix + "ClientEmitter",
		prefix + "ClientListener",
		"New" + prefix + "Client",
		"NewManaged" + prefix + "Client",
		"NewManaged" + prefix + "ClientOf",
	}
}

// tsNames are the exported TypeScript names that the generator makes for a
// namespace with the given prefix, whatever its events are.
func tsNames(prefix string, ns *schema.Namespace) []string {
	names := []string{prefix + "ServerToClientEvents", prefix + "ClientToServerEvents"}
	if len(ns.ServerToServer) > 0 {
		names = append(names, prefix+"InterServerEvents")
	}
	return names
}
