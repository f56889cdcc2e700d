package naming

import "testing"

func TestIdentifiers(t *testing.T) {
	for _, c := range []struct{ name, exported, unexported, camel string }{
		{"", "Empty", "empty", "empty"},
		{"id", "ID", "id", "id"},
		{"userId", "UserID", "userID", "userId"},
		{"user_id", "UserID", "userID", "userId"},
		{"userIds", "UserIDs", "userIDs", "userIds"},
		{"userIDs", "UserIDs", "userIDs", "userIDs"},
		{"URL", "URL", "url", "url"},
		{"urls", "URLs", "urls", "urls"},
		{"HTTPServer", "HTTPServer", "httpServer", "httpServer"},
		{"parseJSONBody", "ParseJSONBody", "parseJSONBody", "parseJsonBody"},
		{"identity", "Identity", "identity", "identity"},
		{"chat message", "ChatMessage", "chatMessage", "chatMessage"},
		{"chat:message/new", "ChatMessageNew", "chatMessageNew", "chatMessageNew"},
		{"a-b", "AB", "aB", "aB"},
		{"SHOUTING_CASE", "ShoutingCase", "shoutingCase", "shoutingCase"},
		{"ADMIN", "Admin", "admin", "admin"},
		{"DTO", "DTO", "dto", "dto"},
		{"HTTP_GET", "HTTPGet", "httpGet", "httpGet"},
		{"SHA256", "Sha256", "sha256", "sha256"},
		{"utf8Text", "UTF8Text", "utf8Text", "utf8Text"},
		{"utf8", "UTF8", "utf8", "utf8"},
		{"sha256", "Sha256", "sha256", "sha256"},
		{"v1.2", "V1_2", "v1_2", "v1_2"},
		{"2fa", "X2fa", "x2fa", "x2fa"},
		{"日本", "X日本", "日本", "日本"},
		{"über uns", "ÜberUns", "überUns", "überUns"},
		{"ßa", "Xßa", "ßa", "ßa"},
		{"नमस्ते", "Xनमसत", "नमसत", "नमसत"},
		{"+1", "Plus1", "plus1", "plus1"},
		{"-1", "Minus1", "minus1", "minus1"},
		{"c++", "CPlusPlus", "cPlusPlus", "cPlusPlus"},
		{"c#", "CHash", "cHash", "cHash"},
		{">=", "GreaterEqual", "greaterEqual", "greaterEqual"},
		{"👍", "X1f44d", "x1f44d", "x1f44d"},
		{"👍🎉", "X1f44d1f389", "x1f44d1f389", "x1f44d1f389"},
		{"👍 yes", "Yes", "yes", "yes"},
		{"$ref", "Ref", "ref", "ref"},
		{"_", "Underscore", "underscore", "underscore"},
	} {
		if got := Exported(c.name); got != c.exported {
			t.Errorf("Exported(%q) = %q, want %q", c.name, got, c.exported)
		}
		if got := unexported(c.name); got != c.unexported {
			t.Errorf("unexported(%q) = %q, want %q", c.name, got, c.unexported)
		}
		if got := camel(c.name); got != c.camel {
			t.Errorf("camel(%q) = %q, want %q", c.name, got, c.camel)
		}
	}
}
