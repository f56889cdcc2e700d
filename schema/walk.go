package schema

// Resolve follows aliases: it returns t, or what the alias that t refers to
// stands for in the end. It returns nil for a type that is not resolved and
// for an alias that refers only to itself.
func Resolve(t Type) Type {
	var seen map[*Decl]bool
	for {
		ref, ok := t.(*Ref)
		if !ok {
			return t
		}
		if ref.Decl == nil || seen[ref.Decl] {
			return nil
		}
		alias, ok := ref.Decl.Body.(*Alias)
		if !ok {
			return t
		}
		if seen == nil {
			seen = map[*Decl]bool{}
		}
		seen[ref.Decl] = true
		t = alias.Type
	}
}

// NonNull returns t without "| null".
func NonNull(t Type) Type {
	if n, ok := t.(*Nullable); ok {
		return n.Elem
	}
	return t
}

// WalkType calls visit for t and every type expression inside it, outside
// first; it does not go into the declarations that a Ref names.
func WalkType(t Type, visit func(Type)) {
	for t != nil {
		visit(t)
		switch inner := t.(type) {
		case *List:
			t = inner.Elem
		case *Map:
			t = inner.Elem
		case *Nullable:
			t = inner.Elem
		default:
			return
		}
	}
}

// Directions are the three lists of events of a namespace.
func (n *Namespace) Directions() [3][]*Event {
	return [3][]*Event{n.ServerToClient, n.ClientToServer, n.ServerToServer}
}

// members are the types that a declaration is made of, one level down.
func (d *Decl) members() []Type {
	var types []Type
	switch body := d.Body.(type) {
	case *Struct:
		for _, f := range body.Fields {
			types = append(types, f.Type)
		}
	case *Union:
		for _, v := range body.Variants {
			types = append(types, v.Type)
		}
	case *Alias:
		types = append(types, body.Type)
	}
	return types
}

// IsText reports whether the declaration is a string on the wire: an enum or
// an alias of string.
func (d *Decl) IsText() bool {
	switch body := d.Body.(type) {
	case *Enum:
		return true
	case *Alias:
		switch t := Resolve(body.Type).(type) {
		case *Primitive:
			return t.Kind == String || t.Kind == Time || t.AsString
		case *Ref:
			return t.Decl.IsText()
		}
	}
	return false
}
