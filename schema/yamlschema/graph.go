package yamlschema

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/siogen/siogen/schema/diag"
)

// graph measures a YAML document with its aliases expanded. Once it is known
// that no anchor contains itself and that the whole is of a sensible size, the
// rest of the loader may follow aliases like any other node.
type graph struct {
	src   *source
	sizes map[*yaml.Node]measure
	open  map[*yaml.Node]bool
	found *diag.Diagnostic
}

type measure struct{ nodes, depth int }

// checkGraph returns what makes the document unfit to be walked, or nil.
func checkGraph(src *source, root *yaml.Node) *diag.Diagnostic {
	g := graph{src: src, sizes: map[*yaml.Node]measure{}, open: map[*yaml.Node]bool{}}
	g.measure(root, 1)
	return g.found
}

func (g *graph) measure(n *yaml.Node, level int) measure {
	if m, ok := g.sizes[n]; ok || g.found != nil {
		return m
	}
	if level > maxNesting {
		g.fail(n, diag.CodeTooLarge, fmt.Sprintf("nested more than %d levels deep", maxNesting))
		return measure{}
	}
	g.open[n] = true
	m := measure{nodes: 1}
	for _, child := range n.Content {
		m.add(g.measure(child, level+1))
	}
	if n.Alias != nil {
		if g.open[n.Alias] {
			g.fail(n, diag.CodeAliasCycle, fmt.Sprintf("the anchor %q contains itself", n.Value))
			return measure{}
		}
		m.add(g.measure(n.Alias, level+1))
	}
	m.depth++
	delete(g.open, n)
	if g.found == nil && m.nodes > maxNodes {
		g.fail(n, diag.CodeTooLarge, fmt.Sprintf("more than %d values once the YAML aliases are expanded", maxNodes))
	}
	if g.found == nil && m.depth > maxNesting {
		g.fail(n, diag.CodeTooLarge, fmt.Sprintf("nested more than %d levels deep once the YAML aliases are expanded", maxNesting))
	}
	g.sizes[n] = m
	return m
}

func (m *measure) add(other measure) {
	m.nodes = min(m.nodes+other.nodes, maxNodes+1)
	m.depth = max(m.depth, other.depth)
}

func (g *graph) fail(n *yaml.Node, code, message string) {
	if g.found == nil {
		offset := g.src.yamlOffset(n.Line, n.Column)
		g.found = &diag.Diagnostic{Code: code, Span: g.src.span(offset, offset), Message: message}
	}
}
