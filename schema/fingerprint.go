package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"reflect"

	"github.com/siogen/siogen/schema/diag"
)

// Fingerprint is the SHA-256, in hexadecimal, of everything that a schema
// says; where in which file it says it makes no difference.
func Fingerprint(s *Schema) string {
	h := sha256.New()
	fingerprint(h, reflect.ValueOf(s))
	return hex.EncodeToString(h.Sum(nil))
}

// fingerprint writes a value so that no two values write the same: every part
// is preceded by its type or its length. It goes over the fields by reflection,
// so that none that is added later can be forgotten.
func fingerprint(h hash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			fmt.Fprint(h, "nil;")
			return
		}
		if v.Kind() == reflect.Interface {
			fmt.Fprintf(h, "%s:", v.Elem().Type())
		}
		fingerprint(h, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if !isPlace(v.Field(i).Type()) && !isTarget(v.Type(), v.Type().Field(i).Name) {
				fingerprint(h, v.Field(i))
			}
		}
	case reflect.Slice:
		fmt.Fprintf(h, "[%d]", v.Len())
		for i := range v.Len() {
			fingerprint(h, v.Index(i))
		}
	case reflect.String:
		fmt.Fprintf(h, "%q;", v.String())
	default:
		fmt.Fprintf(h, "%v;", v.Interface())
	}
}

// isPlace also leaves out whose Go types stand for the contract: it does not
// show on the wire.
func isPlace(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[diag.Span](), reflect.TypeFor[*ConstraintPlaces](),
		reflect.TypeFor[*GoName](), reflect.TypeFor[*GoForm](), reflect.TypeFor[*GoField]():
		return true
	}
	return false
}

// isTarget says that a Ref is known by the name of what it refers to.
func isTarget(t reflect.Type, field string) bool {
	return t == reflect.TypeFor[Ref]() && field == "Decl"
}
