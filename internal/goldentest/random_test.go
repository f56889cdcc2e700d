package goldentest

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/siogen/siogen/runtime"
)

// random fills values of generated types with what the schema allows, unions and
// constraints aside.
type random struct {
	*rand.Rand
	t *testing.T
}

func newRandom(t *testing.T, seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0)), t}
}

// maxDepth ends recursive types.
const maxDepth = 4

// fill sets v; with optional it may be left at its zero value, which is absent.
func (r random) fill(v reflect.Value, optional bool, depth int) {
	if optional && (depth > maxDepth || r.IntN(3) == 0) {
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.UnixMilli(r.Int64N(4e12)).UTC()))
	case v.Type() == reflect.TypeFor[runtime.Any]():
		r.decode(v, []string{"null", "true", `"text"`, `{"a":[1,2.5,null]}`, "[]"}[r.IntN(5)])
	case has(v, "IsAbsent"):
		r.fillOptional(v, depth)
	case has(v, "Values"):
		values := v.MethodByName("Values").Call(nil)[0]
		v.Set(values.Index(r.IntN(values.Len())))
	default:
		r.fillKind(v, depth)
	}
}

func has(v reflect.Value, method string) bool {
	return v.Kind() != reflect.Pointer && v.MethodByName(method).IsValid()
}

func (r random) decode(v reflect.Value, text string) {
	if err := json.Unmarshal([]byte(text), v.Addr().Interface()); err != nil {
		r.t.Fatalf("%s: %v", text, err)
	}
}

// fillOptional makes a runtime.Optional null or a value.
func (r random) fillOptional(v reflect.Value, depth int) {
	if r.IntN(2) == 0 {
		r.decode(v, "null")
		return
	}
	elem := reflect.New(v.MethodByName("Get").Type().Out(0)).Elem()
	r.fill(elem, false, depth+1)
	text, err := json.Marshal(elem.Interface())
	if err != nil {
		r.t.Fatal(err)
	}
	r.decode(v, string(text))
}

func (r random) fillKind(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(r.text())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		bits := min(v.Type().Bits(), 53)
		v.SetInt(r.Int64N(1<<bits-1) - (1<<(bits-1) - 1))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64N(1<<min(v.Type().Bits(), 53) - 1))
	case reflect.Float32:
		v.SetFloat(float64(float32(r.NormFloat64() * 1000)))
	case reflect.Float64:
		v.SetFloat(r.NormFloat64() * math.Pow(10, float64(r.IntN(60)-30)))
	case reflect.Pointer:
		if depth <= maxDepth && r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem(), false, depth+1)
		}
	case reflect.Slice:
		r.fillSlice(v, depth)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.length(depth) {
			elem := reflect.New(v.Type().Elem()).Elem()
			r.fill(elem, false, depth+1)
			v.SetMapIndex(reflect.ValueOf(r.text()), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			optional := strings.Contains(v.Type().Field(i).Tag.Get("json"), ",omitzero")
			r.fill(v.Field(i), optional, depth+1)
		}
	default:
		r.t.Fatalf("no random %v", v.Type())
	}
}

func (r random) fillSlice(v reflect.Value, depth int) {
	n := r.length(depth)
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		r.fill(v.Index(i), false, depth+1)
	}
}

func (r random) length(depth int) int {
	if depth > maxDepth {
		return 0
	}
	return r.IntN(4)
}

func (r random) text() string {
	return []string{"", "a", "two words", "日本語", "🙂", `"quoted"`, "back\\slash", "\x00\n\t\u2028"}[r.IntN(8)]
}
