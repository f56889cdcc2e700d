package golang

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/siogen/siogen/schema"
)

func TestImportNames(t *testing.T) {
	s := &schema.Schema{}
	for _, path := range []string{
		"", "time", "net/netip", "math/rand", "crypto/rand",
		"github.com/google/uuid", "example.com/go-uuid", "example.com/uuid/v2", "gopkg.in/yaml.v3",
		"example.com/codec", "example.com/v", "example.com/2fa", "example.com/time",
	} {
		s.Types = append(s.Types, &schema.Decl{Go: &schema.GoMapping{ImportPath: path, TypeName: "T"}})
	}
	want := map[string]string{
		"time": "time", "net/netip": "netip", "math/rand": "rand", "crypto/rand": "rand2",
		"github.com/google/uuid": "uuid", "example.com/go-uuid": "uuid2", "example.com/uuid/v2": "uuid3",
		"gopkg.in/yaml.v3": "yaml", "example.com/codec": "codecpkg", "example.com/v": "vpkg",
		"example.com/2fa": "fa", "example.com/time": "timepkg",
	}
	if diff := cmp.Diff(want, importNames(s)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
