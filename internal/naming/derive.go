package naming

// NamespaceGo are the package-level Go names that are generated for a namespace
// with the given prefix, whatever its events are: Server, NewServer, Client…
func NamespaceGo(prefix string) []string { return goNames(prefix) }

// EnumTail is what an enum value adds to its type's name to make the name of
// its Go constant.
func EnumTail(value string) string { return exportedTail(value) }
