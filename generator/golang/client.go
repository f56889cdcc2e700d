package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/siogen/siogen/schema"
)

// client is the parts of the namespace's client.
func (s side) client() []part {
	parts := []part{s.clientType, s.clientAuth}
	parts = append(parts, s.listener("ClientListener", "the server sends to clients of "+s.quoted(), s.ns.ServerToClient)...)
	parts = append(parts, s.emitter("ClientEmitter", "clients send to "+s.quoted(), s.ns.ClientToServer)...)
	parts = append(parts, partsOf(acked(s.ns.ClientToServer), func(f *jen.File, e *schema.Event) {
		s.callMethod(f, jen.Id("client").Add(typeOf(s, "*Client")), "client", e)
		s.decodeAckFunc(f, e)
	})...)
	return append(parts, partsOf(s.ns.ServerToClient, s.serveFunc)...)
}

func (s side) clientType(f *jen.File) {
	name, emitter, listener := s.named("Client"), s.named("ClientEmitter"), s.named("ClientListener")
	parts := []jen.Code{jen.Id(emitter)}
	values := []jen.Code{jen.Id(emitter).Values(jen.Id("base").Dot("AsTarget").Call())}
	if len(s.ns.ServerToClient) > 0 {
		parts = append(parts, jen.Id(listener))
		values = append(values, jen.Id(listener).Values(jen.Id("base").Dot("AsListener").Call()))
	}
	declare(f, docComment(name+" is a client of the namespace "+s.quoted()+". Its handlers survive reconnection.", s.ns.Doc),
		jen.Type().Id(name).Struct(append(parts, jen.Op("*").Qual(runtimePath, "Client"))...))
	managed := "NewManaged" + name
	declare(f, jen.Comment("// New"+name+" returns a client of "+s.quoted()+" at url, such as \"https://example.com\". Connect connects it."),
		jen.Func().Id("New"+name).Params(jen.Id("url").String(), jen.Id("o").Qual(runtimePath, "ClientOptions")).Add(typeOf(s, "*Client")).Block(
			jen.Return(jen.Id(managed).Call(jen.Qual(runtimePath, "NewManager").Call(jen.Id("url"), jen.Id("o"))))))
	declare(f, jen.Comment("// "+managed+" returns a client over a connection that several namespaces share."),
		jen.Func().Id(managed).Params(jen.Id("manager").Op("*").Qual(runtimePath, "Manager")).Add(typeOf(s, "*Client")).Block(
			jen.Return(jen.Id(managed+"Of").Call(jen.Id("manager"), jen.Lit(s.ns.Name)))))
	declare(f, jen.Comment("// "+managed+"Of is "+managed+" for a namespace that the server knows under another name:\n"+
		"// one of those of a dynamic server."),
		jen.Func().Id(managed+"Of").Params(jen.Id("manager").Op("*").Qual(runtimePath, "Manager"), jen.Id("namespace").String()).Add(typeOf(s, "*Client")).Block(
			jen.Id("base").Op(":=").Qual(runtimePath, "NewManagedClient").Call(jen.Id("manager"), jen.Id("namespace")),
			jen.Return(jen.Op("&").Id(name).Values(append(values, jen.Id("base"))...))))
	declare(f, jen.Comment("// Volatile drops an event, rather than queue it, while the client is not connected."),
		s.method("client", "*Client", "Volatile").Params().Id(emitter).Block(jen.Return(
			jen.Id(emitter).Values(jen.Id("client").Dot("AsTarget").Call().Dot("WithVolatile").Call()))))
}

func (s side) clientAuth(f *jen.File) {
	if s.ns.Auth == nil {
		return
	}
	auth := s.goType(s.ns.Auth)
	result := jen.Parens(jen.List(auth, jen.Error()))
	declare(f, jen.Comment("// SetAuth sets what the client sends in each handshake. Call it before Connect."),
		s.method("client", "*Client", "SetAuth").Params(jen.Id("auth").Add(auth)).Block(
			jen.Id("client").Dot("SetAuthFunc").Call(jen.Func().Params(jen.Qual("context", "Context")).Add(result).Block(
				jen.Return(jen.Id("auth"), jen.Nil())))))
	declare(f, jen.Comment("// SetAuthFunc is SetAuth with a function that is called for each attempt to connect."),
		s.method("client", "*Client", "SetAuthFunc").Params(jen.Id("auth").Func().Params(ctxParam()).Add(result)).Block(
			jen.Qual(runtimePath, "ClientAuth").Call(jen.Id("client").Dot("Client"), jen.Id("auth"), s.encoder(s.ns.Auth))))
}
