package snippets

import "testing"

func TestJoin(t *testing.T)         { testJoin(t) }
func TestReconnection(t *testing.T) { testReconnection(t) }
