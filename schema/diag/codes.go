package diag

// The codes of every diagnostic that siogen reports. A code never changes its
// meaning and is never used again once it has been dropped: people search for
// it and silence it by name. docs/diagnostics.md explains each.
const (
	// Reading a schema file.

	CodeUnreadable     = "SIO001" // a file that is missing or cannot be read
	CodeSyntax         = "SIO002" // not YAML
	CodeEmpty          = "SIO003" // nothing in the file
	CodeManyDocuments  = "SIO004" // several YAML documents in one file
	CodeEncoding       = "SIO005" // not UTF-8
	CodeTooLarge       = "SIO006" // beyond a limit: file size, nesting, alias expansion
	CodeAliasCycle     = "SIO007" // a YAML anchor that contains itself
	CodeImportCycle    = "SIO008" // files that import each other in a circle
	CodeBadYAMLFeature = "SIO009" // a YAML merge or tag that makes no sense here

	// The shape of the file.

	CodeUnknownKey       = "SIO010"
	CodeDuplicateKey     = "SIO011"
	CodeWrongShape       = "SIO012" // a list where a mapping belongs, and the like
	CodeMissingKey       = "SIO013"
	CodeExclusiveKeys    = "SIO014" // keys that exclude each other
	CodeUnknownDirection = "SIO015"
	CodeBadPackage       = "SIO016"

	// Types.

	CodeUnknownType        = "SIO020"
	CodeDuplicateType      = "SIO021"
	CodeBadTypeName        = "SIO022"
	CodeEmptyEnum          = "SIO023"
	CodeDuplicateEnumValue = "SIO024"
	CodeVariantNotStruct   = "SIO025"
	CodeTagCollision       = "SIO026" // a variant has a field of the tag's name
	CodeVariantTwice       = "SIO027" // one struct stands for two tags
	CodeBadUnion           = "SIO028" // no tag, no variants, a tag twice
	CodeEndlessRecursion   = "SIO029"

	// Fields, arguments and their constraints.

	CodeBadTypeExpression     = "SIO030"
	CodeRequiredAfterOptional = "SIO031"
	CodeBadVariadic           = "SIO032"
	CodeDuplicateField        = "SIO033"
	CodeBadFieldName          = "SIO034"
	CodeConstraintType        = "SIO035" // a constraint on a type it does not fit
	CodeConstraintConflict    = "SIO036" // a minimum above the maximum
	CodeBadPattern            = "SIO037"
	CodeBadBound              = "SIO038"
	CodeBadWire               = "SIO039"

	// Events and namespaces.

	CodeReservedEvent      = "SIO040"
	CodeDuplicateEvent     = "SIO041"
	CodeBadAckError        = "SIO042"
	CodeBadNamespace       = "SIO043"
	CodeDuplicateNamespace = "SIO044"
	CodeBadHandshakeType   = "SIO045" // auth or SocketData of a type that cannot be

	// Mapping to types and names of the user's own.

	CodeBadGoType     = "SIO050"
	CodeBadTSType     = "SIO051"
	CodeBadVia        = "SIO052"
	CodeBadGoName     = "SIO053"
	CodeMappingNotFit = "SIO054" // a mapping at a place that takes none

	// Identifiers; reported by internal/naming.

	CodeGoCollision   = "SIO060"
	CodeTSCollision   = "SIO061"
	CodeNotIdentifier = "SIO062"

	// Contracts written as Go interfaces.

	CodeGoPackage   = "SIO070" // what the go command or the Go compiler says
	CodeNoContract  = "SIO071" // no interface of the package is a contract
	CodeGoSignature = "SIO072" // a method that is no event
	CodeDirective   = "SIO073" // a //siogen: comment that is wrong or stands in the wrong place
	CodeGoWire      = "SIO074" // a Go type that cannot travel as JSON
	CodeGoTag       = "SIO075" // a struct tag that does not do what it seems to
	CodeGoError     = "SIO076" // the error of an ack has no method Error
	CodeGoUnion     = "SIO077" // the interface of a union, or its structs
)

// Code is an entry of the catalogue.
type Code struct {
	ID    string // such as SIO012
	Title string // what it is about, in a few words
}

// Codes is the catalogue, in the order of the codes.
func Codes() []Code {
	return []Code{
		{CodeUnreadable, "file cannot be read"},
		{CodeSyntax, "YAML syntax"},
		{CodeEmpty, "empty file"},
		{CodeManyDocuments, "several YAML documents"},
		{CodeEncoding, "not UTF-8"},
		{CodeTooLarge, "beyond a limit"},
		{CodeAliasCycle, "anchor contains itself"},
		{CodeImportCycle, "import cycle"},
		{CodeBadYAMLFeature, "misused YAML feature"},
		{CodeUnknownKey, "unknown key"},
		{CodeDuplicateKey, "duplicate key"},
		{CodeWrongShape, "wrong kind of value"},
		{CodeMissingKey, "missing key"},
		{CodeExclusiveKeys, "keys that exclude each other"},
		{CodeUnknownDirection, "unknown direction"},
		{CodeBadPackage, "bad package name"},
		{CodeUnknownType, "unknown type"},
		{CodeDuplicateType, "type declared twice"},
		{CodeBadTypeName, "bad type name"},
		{CodeEmptyEnum, "empty enum"},
		{CodeDuplicateEnumValue, "duplicate enum value"},
		{CodeVariantNotStruct, "union variant is not a struct"},
		{CodeTagCollision, "union tag collides with a field"},
		{CodeVariantTwice, "struct twice in a union"},
		{CodeBadUnion, "bad union"},
		{CodeEndlessRecursion, "recursion without an end"},
		{CodeBadTypeExpression, "bad type expression"},
		{CodeRequiredAfterOptional, "required after optional"},
		{CodeBadVariadic, "misplaced variadic"},
		{CodeDuplicateField, "duplicate field"},
		{CodeBadFieldName, "bad field name"},
		{CodeConstraintType, "constraint does not fit the type"},
		{CodeConstraintConflict, "contradictory constraints"},
		{CodeBadPattern, "bad pattern"},
		{CodeBadBound, "bad bound"},
		{CodeBadWire, "bad wire format"},
		{CodeReservedEvent, "reserved event name"},
		{CodeDuplicateEvent, "duplicate event"},
		{CodeBadAckError, "bad ack error"},
		{CodeBadNamespace, "bad namespace name"},
		{CodeDuplicateNamespace, "duplicate namespace"},
		{CodeBadHandshakeType, "bad auth or SocketData type"},
		{CodeBadGoType, "mapped Go type does not parse"},
		{CodeBadTSType, "mapped TypeScript type does not parse"},
		{CodeBadVia, "bad conversion of a mapped type"},
		{CodeBadGoName, "bad Go name"},
		{CodeMappingNotFit, "mapping does not belong here"},
		{CodeGoCollision, "Go identifier collision"},
		{CodeTSCollision, "TypeScript identifier collision"},
		{CodeNotIdentifier, "not usable as an identifier"},
		{CodeGoPackage, "Go package cannot be loaded"},
		{CodeNoContract, "no contract in the Go package"},
		{CodeGoSignature, "Go method is no event"},
		{CodeDirective, "bad //siogen: directive"},
		{CodeGoWire, "Go type has no form on the wire"},
		{CodeGoTag, "bad struct tag"},
		{CodeGoError, "Go type is no error"},
		{CodeGoUnion, "bad union interface"},
	}
}
