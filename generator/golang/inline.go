package golang

import "github.com/dave/jennifer/jen"

// inline is the body of a function on the line of its signature.
func inline(stmt jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{ ", Close: " }"}, stmt)
}
