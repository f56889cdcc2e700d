// Package geo has types that contracts of other packages use.
package geo

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Point is a place on a map.
type Point struct {
	// Lat is in degrees.
	//
	//siogen:minimum -90
	//siogen:maximum 90
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Precision is how exact a place is.
type Precision string

// The precisions.
const (
	Exact Precision = "exact"
	City  Precision = "city" // the next city
)

// User shares its name with a type of the contract.
type User struct {
	Home Point `json:"home"`
}

// Color travels as text.
type Color struct{ r, g, b uint8 }

// RGB makes a color.
func RGB(r, g, b uint8) Color { return Color{r, g, b} }

// MarshalText implements encoding.TextMarshaler.
func (c Color) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "#%02x%02x%02x", c.r, c.g, c.b), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Color) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "#%02x%02x%02x", &c.r, &c.g, &c.b)
	return err
}

// Path travels as JSON of its own, through methods on the pointer.
type Path struct{ steps []string }

// NewPath makes a path.
func NewPath(steps ...string) Path { return Path{steps} }

// MarshalJSON implements json.Marshaler.
func (p *Path) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(p.steps, "/")) }

// UnmarshalJSON implements json.Unmarshaler.
func (p *Path) UnmarshalJSON(text []byte) error {
	var joined string
	if err := json.Unmarshal(text, &joined); err != nil {
		return err
	}
	p.steps = strings.Split(joined, "/")
	return nil
}
