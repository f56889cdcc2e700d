package runtime

// IsAtLeastV0_1 is named by generated code that needs this version of the
// runtime or a later one. If a build stops here, update
// github.com/siogen/siogen in go.mod: the generated code is newer.
const IsAtLeastV0_1 = true
