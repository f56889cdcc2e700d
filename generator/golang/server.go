package golang

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// side writes the server or the client of one namespace.
type side struct {
	*generator
	ns     *schema.Namespace
	prefix string
}

// named is the name of something of the namespace.
func (s side) named(name string) string { return s.prefix + name }

// quoted is the namespace as comments have it.
func (s side) quoted() string { return strconv.Quote(s.ns.Name) }

// namespace is the files of a namespace: server.go and client.go of "/",
// admin_server.go and admin_client.go of "/admin".
func (g *generator) namespace(ns *schema.Namespace) []source {
	s := side{generator: g, ns: ns, prefix: g.names.Prefix(ns)}
	file := ""
	if s.prefix != "" {
		file = fileName(s.prefix) + "_"
	}
	return []source{
		{name: file + "server.go", parts: s.server()},
		{name: file + "client.go", parts: s.client()},
	}
}

// fileName is an identifier in lower case, as files are called.
func fileName(ident string) string { return strings.ToLower(ident) }

// method is a method of one of the namespace's types, with its receiver.
func (s side) method(receiver, typ, name string) *jen.Statement {
	return jen.Func().Params(jen.Id(receiver).Add(typeOf(s, typ))).Id(name)
}

// typeOf is one of the namespace's types; "*Name" is a pointer to it.
func typeOf(s side, name string) *jen.Statement {
	if rest, ok := strings.CutPrefix(name, "*"); ok {
		return jen.Op("*").Id(s.named(rest))
	}
	return jen.Id(s.named(name))
}

// server is the parts of the namespace's server.
func (s side) server() []part {
	parts := []part{s.serverType, s.handlerInterface, s.handle}
	parts = append(parts, s.unimplemented()...)
	parts = append(parts, s.socketType)
	parts = append(parts, s.listener("ServerListener", "clients send to "+s.quoted(), s.ns.ClientToServer)...)
	parts = append(parts, s.emitter("ServerEmitter", "the server sends to clients of "+s.quoted(), s.ns.ServerToClient)...)
	parts = append(parts, s.broadcastType)
	parts = append(parts, partsOf(acked(s.ns.ServerToClient), s.askClients)...)
	parts = append(parts, s.remoteSocket)
	parts = append(parts, s.interServer()...)
	return append(parts, partsOf(s.ns.ClientToServer, s.serveFunc)...)
}

// acked are the events that ask for an acknowledgement.
func acked(events []*schema.Event) []*schema.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e *schema.Event) bool { return e.Ack == nil })
}

// unacked are the events that don't.
func unacked(events []*schema.Event) []*schema.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e *schema.Event) bool { return e.Ack != nil })
}

// askClients adds the methods that send an event and return what one client, or
// many, acknowledge.
func (s side) askClients(f *jen.File, e *schema.Event) {
	s.callMethod(f, jen.Id("socket").Add(typeOf(s, "*ServerSocket")), "socket", e)
	s.collectMethod(f, jen.Id("broadcast").Add(typeOf(s, "ServerBroadcast")), e, "every socket of the broadcast",
		"Collect", jen.Id("broadcast").Dot("Broadcast"))
	s.decodeAckFunc(f, e)
}

func (s side) serverType(f *jen.File) {
	comment := s.named("Server") + " serves the namespace " + s.quoted() + ". It is also the broadcast to all its sockets."
	declare(f, docComment(comment, s.ns.Doc), jen.Type().Id(s.named("Server")).Struct(
		jen.Id(s.named("ServerBroadcast")),
		jen.Op("*").Qual(runtimePath, "Namespace").Index(jen.Id(s.named("ServerSocket"))),
	))
	name := "New" + s.named("Server")
	declare(f, jen.Comment("// "+name+" serves the namespace "+s.quoted()+" on server. It panics when server serves it already."),
		jen.Func().Id(name).Params(jen.Id("server").Op("*").Qual(runtimePath, "Server")).Add(typeOf(s, "*Server")).Block(
			jen.Return(jen.Id(s.bindServer()).Call(
				jen.Qual(runtimePath, "NewNamespace").Call(jen.Id("server"), jen.Id(s.namespaceTypeFunc()).Call())))))
	dynamic := "NewDynamic" + s.named("Server")
	declare(f, jen.Comment("// "+dynamic+" serves namespaces of the kind of "+s.quoted()+" as clients ask for them: those that match.\n"+
		"// The broadcast is then to the sockets of all of them, and Of to those of one."),
		jen.Func().Id(dynamic).Params(
			jen.Id("server").Op("*").Qual(runtimePath, "Server"), jen.Id("match").Qual(runtimePath, "NamespaceMatch"),
		).Add(typeOf(s, "*Server")).Block(
			jen.Return(jen.Id(s.bindServer()).Call(
				jen.Qual(runtimePath, "NewDynamicNamespace").Call(jen.Id("server"), jen.Id(s.namespaceTypeFunc()).Call(), jen.Id("match"))))))
	base := func() *jen.Statement {
		return jen.Op("*").Qual(runtimePath, "Namespace").Index(jen.Id(s.named("ServerSocket")))
	}
	declare(f, nil, jen.Func().Id(s.bindServer()).Params(jen.Id("namespace").Add(base())).Add(typeOf(s, "*Server")).Block(
		jen.Return(jen.Op("&").Id(s.named("Server")).Values(
			jen.Qual(runtimePath, "NewBroadcast").Call(jen.Id("namespace"), jen.Id(s.newBroadcast())),
			jen.Id("namespace"),
		))))
	declare(f, nil, jen.Func().Id(s.namespaceTypeFunc()).Params().
		Qual(runtimePath, "NamespaceType").Index(jen.Id(s.named("ServerSocket"))).Block(
		jen.Return(jen.Qual(runtimePath, "NamespaceType").Index(jen.Id(s.named("ServerSocket"))).Add(s.namespaceType()))))
	declare(f, jen.Comment("// Of is the broadcast to one of the namespaces of a dynamic server, by its name."),
		s.method("server", "*Server", "Of").Params(jen.Id("name").String()).Id(s.named("ServerBroadcast")).Block(
			jen.Return(jen.Qual(runtimePath, "ChildBroadcast").Call(
				jen.Id("server").Dot("Namespace"), jen.Id("name"), jen.Id(s.newBroadcast())))))
}

// bindServer is the name of the function that makes the server of its base.
func (s side) bindServer() string { return "bind" + s.named("Server") }

// namespaceTypeFunc is the name of the function that tells the runtime about the
// namespace.
func (s side) namespaceTypeFunc() string { return "new" + s.named("NamespaceType") }

// newBroadcast is the name of the function that binds broadcasts.
func (s side) newBroadcast() string { return "new" + s.named("ServerBroadcast") }

// fields is a composite literal with one field a line.
func fields(values ...jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, values...)
}

func field(name string, value jen.Code) jen.Code { return jen.Id(name).Op(":").Add(value) }

func (s side) namespaceType() jen.Code {
	bound := func(typ, as string) jen.Code {
		return field(s.named(typ), jen.Id(s.named(typ)).Values(jen.Id("base").Dot(as).Call()))
	}
	socket := []jen.Code{field("Socket", jen.Id("base")), bound("ServerEmitter", "AsTarget")}
	if len(s.ns.ClientToServer) > 0 {
		socket = append(socket, bound("ServerListener", "AsListener"))
	}
	values := []jen.Code{
		field("Name", jen.Lit(s.ns.Name)),
		field("New", jen.Func().Params(jen.Id("base").Op("*").Qual(runtimePath, "Socket")).Add(typeOf(s, "*ServerSocket")).Block(
			jen.Return(jen.Op("&").Id(s.named("ServerSocket")).Add(fields(socket...))))),
	}
	if s.ns.Auth != nil {
		values = append(values, field("Auth", jen.Func().Params(
			jen.Id("socket").Add(typeOf(s, "*ServerSocket")), jen.Id("dec").Op("*").Qual(codecPath, "Decoder"),
		).Add(inline(jen.Id("socket").Dot("auth").Op("=").Add(s.decode(local("dec"), s.ns.Auth))))))
	}
	if s.ns.SocketData != nil {
		data := jen.Id("socket").Dot("data")
		values = append(values,
			field("CopyData", jen.Func().Params(jen.List(jen.Id("socket"), jen.Id("old")).Add(typeOf(s, "*ServerSocket"))).
				Add(inline(jen.Add(data).Op("=").Id("old").Dot("data")))),
			field("DecodeData", jen.Func().Params(
				jen.Id("socket").Add(typeOf(s, "*ServerSocket")), jen.Id("dec").Op("*").Qual(codecPath, "Decoder"),
			).Add(inline(jen.Add(data).Op("=").Add(s.decode(local("dec"), s.ns.SocketData))))),
			field("EncodeData", jen.Func().Params(
				jen.Id("socket").Add(typeOf(s, "*ServerSocket")), jen.Id("enc").Op("*").Qual(codecPath, "Encoder"),
			).Add(inline(s.encode(local("enc"), data, s.ns.SocketData)))))
	}
	return fields(values...)
}

func (s side) handlerInterface(f *jen.File) {
	if len(s.ns.ClientToServer) == 0 {
		return
	}
	name := s.named("ServerHandler")
	declare(f, jen.Comment("// "+name+" handles every event that clients send to "+s.quoted()+"."),
		jen.Type().Id(name).InterfaceFunc(func(b *jen.Group) {
			for _, e := range s.ns.ClientToServer {
				b.Add(eventDoc(s.names.Event(e)+" handles "+eventName(e)+".", e))
				b.Id(s.names.Event(e)).Params(s.params(e, jen.Id("socket").Add(typeOf(s, "*ServerSocket")))...).Add(s.results(e))
			}
		}))
}

func (s side) handle(f *jen.File) {
	if len(s.ns.ClientToServer) == 0 {
		return
	}
	socket := jen.Id("socket").Add(typeOf(s, "*ServerSocket"))
	table := make([]jen.Code, len(s.ns.ClientToServer))
	for i, e := range s.ns.ClientToServer {
		table[i] = jen.Lit(e.Name).Op(":").Func().Params(ctxParam(), socket, callParam()).Error().Block(
			jen.Return(jen.Id(s.names.Serve(e)).Call(jen.Id("ctx"), jen.Id("call"), s.handlerType(e).Add(inline(
				jen.Return(jen.Id("handler").Dot(s.names.Event(e)).Call(s.passed(e, jen.Id("socket"))...)),
			)))))
	}
	declare(f, jen.Comment("// Handle makes handler handle every event. A handler that a socket sets itself,\n// with On…, comes first."),
		s.method("server", "*Server", "Handle").Params(jen.Id("handler").Id(s.named("ServerHandler"))).Block(
			jen.Id("server").Dot("HandleEvents").Call(
				jen.Map(jen.String()).Func().Params(ctxParam(), socket, callParam()).Error().Add(fields(table...)))))
}

func (s side) unimplemented() []part {
	if len(s.ns.ClientToServer) == 0 {
		return nil
	}
	name := "Unimplemented" + s.named("ServerHandler")
	typ := func(f *jen.File) {
		declare(f, jen.Comment("// "+name+" fails every event with runtime.ErrUnimplemented. A handler\n// that embeds it compiles also when the schema gets new events."),
			jen.Type().Id(name).Struct())
	}
	return append([]part{typ}, partsOf(s.ns.ClientToServer, func(f *jen.File, e *schema.Event) {
		declare(f, jen.Comment("// "+s.names.Event(e)+" implements "+s.named("ServerHandler")+"."),
			jen.Func().Params(jen.Id(name)).Id(s.names.Event(e)).
				Params(s.unnamedParams(e, typeOf(s, "*ServerSocket"))...).Add(s.unnamedResults(e)).
				Add(inline(jen.Return(s.unimplementedResults(e)...))))
	})...)
}

func (s side) unimplementedResults(e *schema.Event) []jen.Code {
	var values []jen.Code
	for _, f := range ackArgs(e) {
		values = append(values, s.zero(f))
	}
	return append(values, jen.Qual(runtimePath, "ErrUnimplemented"))
}
