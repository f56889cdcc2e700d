package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

func (s side) socketType(f *jen.File) {
	name := s.named("ServerSocket")
	declare(f, jen.Comment("// "+name+" is one client's membership of the namespace "+s.quoted()+"."),
		jen.Type().Id(name).StructFunc(func(b *jen.Group) {
			b.Op("*").Qual(runtimePath, "Socket")
			b.Id(s.named("ServerEmitter"))
			if len(s.ns.ClientToServer) > 0 {
				b.Id(s.named("ServerListener"))
			}
			if s.ns.Auth != nil {
				b.Id("auth").Add(s.goType(s.ns.Auth))
			}
			if s.ns.SocketData != nil {
				b.Id("data").Add(s.goType(s.ns.SocketData))
			}
		}))
	method := func(name string) *jen.Statement { return s.method("socket", "*ServerSocket", name) }
	if s.ns.Auth != nil {
		declare(f, jen.Comment("// Auth is what the client sent in the handshake."),
			method("Auth").Params().Add(s.goType(s.ns.Auth)).Add(inline(jen.Return(jen.Id("socket").Dot("auth")))))
	}
	if s.ns.SocketData != nil {
		declare(f, jen.Comment("// Data is what the application keeps with the socket. Whoever fetches sockets reads\n// it, on other servers too: change it with UpdateData, except in middleware."),
			method("Data").Params().Op("*").Add(s.goType(s.ns.SocketData)).Add(inline(jen.Return(jen.Op("&").Id("socket").Dot("data")))))
		declare(f, jen.Comment("// UpdateData calls change with what the application keeps with the socket, while\n// nobody fetches it."),
			method("UpdateData").Params(jen.Id("change").Func().Params(jen.Id("data").Op("*").Add(s.goType(s.ns.SocketData)))).Block(
				jen.Id("socket").Dot("GuardData").Call(jen.Func().Params().Add(inline(
					jen.Id("change").Call(jen.Op("&").Id("socket").Dot("data")))))))
	}
	s.socketTargets(f, method)
}

// socketTargets are the methods that lead from a socket to other receivers, or
// to other ways of sending.
func (s side) socketTargets(f *jen.File, method func(name string) *jen.Statement) {
	broadcast := jen.Id(s.named("ServerBroadcast"))
	emitter := jen.Id(s.named("ServerEmitter"))
	others := jen.Id("socket").Dot("Broadcast").Call()
	rooms := jen.Id("rooms").Op("...").String()
	declare(f, jen.Comment("// Broadcast is every socket of "+s.quoted()+" but this one."),
		method("Broadcast").Params().Add(broadcast).Block(jen.Return(
			jen.Qual(runtimePath, "SocketBroadcast").Call(jen.Id("socket").Dot("Socket"), jen.Id(s.newBroadcast())))))
	declare(f, jen.Comment("// To is the sockets in any of rooms, but not this one."),
		method("To").Params(rooms).Add(broadcast).Add(inline(jen.Return(jen.Add(others).Dot("To").Call(jen.Id("rooms").Op("..."))))))
	declare(f, jen.Comment("// Except is every socket but this one and those in any of rooms."),
		method("Except").Params(rooms).Add(broadcast).Add(inline(jen.Return(jen.Add(others).Dot("Except").Call(jen.Id("rooms").Op("..."))))))
	declare(f, jen.Comment("// Volatile drops an event, rather than queue it, when the client can't take it now."),
		method("Volatile").Params().Add(emitter).Block(jen.Return(
			jen.Add(emitter).Values(jen.Id("socket").Dot("AsTarget").Call().Dot("WithVolatile").Call()))))
	declare(f, jen.Comment("// Compress says whether an event may be compressed where that was negotiated."),
		method("Compress").Params(jen.Id("on").Bool()).Add(emitter).Block(jen.Return(
			jen.Add(emitter).Values(jen.Id("socket").Dot("AsTarget").Call().Dot("WithCompress").Call(jen.Id("on"))))))
}

// listener is the type whose methods set the handlers of events.
func (s side) listener(typ, what string, events []*schema.Event) []part {
	if len(events) == 0 {
		return nil
	}
	declareType := func(f *jen.File) {
		declare(f, jen.Comment("// "+s.named(typ)+" sets the handlers of the events that "+what+"."),
			jen.Type().Id(s.named(typ)).Struct(jen.Qual(runtimePath, "Listener")))
		declare(f, jen.Comment("// Once is the same for handlers that are called only once."),
			s.method("listener", typ, "Once").Params().Id(s.named(typ)).Block(jen.Return(
				jen.Id(s.named(typ)).Values(jen.Id("listener").Dot("WithOnce").Call()))))
	}
	return append([]part{declareType}, partsOf(events, func(f *jen.File, e *schema.Event) {
		s.onMethod(f, jen.Id("listener").Add(typeOf(s, typ)), "listener", e)
	})...)
}

// onMethod is a method that sets the handler of an event.
func (s side) onMethod(f *jen.File, receiver jen.Code, self string, e *schema.Event) {
	lead := "On" + s.names.Event(e) + " sets the handler of " + eventName(e) + "."
	on := jen.Func().Params(receiver).Id("On" + s.names.Event(e)).Params(jen.Id("handler").Add(s.handlerType(e)))
	declare(f, eventDoc(lead, e), on.Qual(runtimePath, "Registration").Block(
		jen.Return(jen.Id(self).Dot("On").Call(jen.Lit(e.Name), jen.Func().Params(ctxParam(), callParam()).Error().Block(
			jen.Return(jen.Id(s.names.Serve(e)).Call(jen.Id("ctx"), jen.Id("call"), jen.Id("handler"))))))))
}

// emitter is the type whose methods send events that no acknowledgement is asked
// for.
func (s side) emitter(typ, what string, events []*schema.Event) []part {
	declareType := func(f *jen.File) {
		declare(f, jen.Comment("// "+s.named(typ)+" sends the events that "+what+"."),
			jen.Type().Id(s.named(typ)).Struct(jen.Qual(runtimePath, "Target")))
	}
	return append([]part{declareType}, partsOf(unacked(events), func(f *jen.File, e *schema.Event) {
		s.emitMethod(f, jen.Id("emitter").Add(typeOf(s, typ)), e, s.params(e)[1:],
			func(enc jen.Code) jen.Code { return jen.Id("emitter").Dot("Send").Call(enc) })
	})...)
}

func (s side) broadcastType(f *jen.File) {
	name := s.named("ServerBroadcast")
	declare(f, jen.Comment("// "+name+" is many sockets of "+s.quoted()+"."),
		jen.Type().Id(name).Struct(
			jen.Id(s.named("ServerEmitter")),
			jen.Qual(runtimePath, "Broadcast").Index(jen.Id(name)),
		))
	declare(f, nil, jen.Func().Id(s.newBroadcast()).Params(
		jen.Id("target").Qual(runtimePath, "Target"),
		jen.Id("base").Qual(runtimePath, "Broadcast").Index(jen.Id(name)),
	).Id(name).Block(jen.Return(jen.Id(name).Values(
		jen.Id(s.named("ServerEmitter")).Values(jen.Id("target")), jen.Id("base")))))
}

// remoteSocket is a socket as a broadcast's Sockets returns it.
func (s side) remoteSocket(f *jen.File) {
	name := s.named("ServerRemoteSocket")
	declare(f, jen.Comment("// "+name+" is a socket of "+s.quoted()+" on this server or another."),
		jen.Type().Id(name).StructFunc(func(b *jen.Group) {
			b.Id(s.named("ServerEmitter"))
			b.Qual(runtimePath, "RemoteSocket")
			if s.ns.SocketData != nil {
				b.Comment("// Data is a copy of what the application keeps with the socket.")
				b.Id("Data").Add(s.goType(s.ns.SocketData))
			}
		}))
	declare(f, jen.Comment("// Sockets lists the sockets of the broadcast, those of other servers among them."),
		s.method("broadcast", "ServerBroadcast", "Sockets").Params(ctxParam()).
			Parens(jen.List(jen.Index().Op("*").Id(name), jen.Error())).
			Block(jen.Return(jen.Qual(runtimePath, "FetchSockets").Call(
				jen.Id("ctx"), jen.Id("broadcast").Dot("Broadcast"), s.bindRemote(name)))))
}

func (s side) bindRemote(name string) jen.Code {
	values := []jen.Code{jen.Id(s.named("ServerEmitter")).Values(jen.Id("target")), jen.Id("base")}
	bind := jen.Func().Params(
		jen.Id("target").Qual(runtimePath, "Target"), jen.Id("base").Qual(runtimePath, "RemoteSocket"),
	).Parens(jen.List(jen.Op("*").Id(name), jen.Error()))
	if s.ns.SocketData == nil {
		return bind.Block(jen.Return(jen.Op("&").Id(name).Values(values...), jen.Nil()))
	}
	own := jen.Func().Params(jen.Id("socket").Add(typeOf(s, "*ServerSocket"))).Add(s.goType(s.ns.SocketData)).
		Block(jen.Return(jen.Id("socket").Dot("data")))
	return bind.Block(
		jen.List(jen.Id("data"), jen.Err()).Op(":=").Qual(runtimePath, "RemoteData").Call(jen.Id("base"), own, s.decoder(s.ns.SocketData)),
		jen.Return(jen.Op("&").Id(name).Values(append(values, jen.Id("data"))...), jen.Err()),
	)
}

// interServer is the type that talks to the other servers of a cluster.
func (s side) interServer() []part {
	if len(s.ns.ServerToServer) == 0 {
		return nil
	}
	name := s.named("InterServer")
	declareType := func(f *jen.File) {
		declare(f, jen.Comment("// "+name+" sends events to the other servers of the cluster, and receives theirs."),
			jen.Type().Id(name).Struct(jen.Qual(runtimePath, "InterServer")))
		declare(f, jen.Comment("// InterServer is for events between the servers of the cluster."),
			s.method("server", "*Server", "InterServer").Params().Id(name).Block(jen.Return(
				jen.Id(name).Values(jen.Qual(runtimePath, "NewInterServer").Call(jen.Id("server").Dot("Namespace"))))))
	}
	return append([]part{declareType}, partsOf(s.ns.ServerToServer, s.interServerEvent)...)
}

func (s side) interServerEvent(f *jen.File, e *schema.Event) {
	receiver := jen.Id("server").Id(s.named("InterServer"))
	if e.Ack == nil {
		s.emitMethod(f, receiver, e, s.params(e), func(enc jen.Code) jen.Code {
			return jen.Id("server").Dot("Send").Call(jen.Id("ctx"), enc)
		})
	} else {
		s.collectMethod(f, receiver, e, "the other servers", "CollectServers", jen.Id("server").Dot("InterServer"))
		s.decodeAckFunc(f, e)
	}
	s.onMethod(f, receiver, "server", e)
	s.serveFunc(f, e)
}
