package codec

import "strings"

// tagCache keeps strings of union tags, so that reading the same few again and
// again does not allocate. It lives in a pooled Decoder.
type tagCache [8]string

// maxCachedTag bounds, in bytes, what a peer can make the cache keep.
const maxCachedTag = 32

func (c *tagCache) intern(tag []byte) string {
	if len(tag) == 0 || len(tag) > maxCachedTag {
		return string(tag)
	}
	slot := &c[(len(tag)+int(tag[0])+int(tag[len(tag)-1])*3)%len(c)]
	if *slot != string(tag) {
		*slot = string(tag)
	}
	return *slot
}

// Tag returns the tag of the union whose object comes next, without reading the
// object. Of a repeated tag the first counts. When the tag is missing or no
// string it returns "" and records an error.
func (d *Decoder) Tag(key string) string {
	if d.next() != '{' {
		d.failType("object")
		return ""
	}
	start, depth := d.pos, d.depth
	for d.BeginObject(); d.NextField(); {
		if string(d.key) != key {
			d.Skip()
			continue
		}
		tag := d.stringBytes("string")
		if d.err != nil {
			return ""
		}
		d.pos, d.depth = start, depth
		return d.tags.intern(tag)
	}
	if d.err == nil {
		d.pos, d.depth = start, depth
		d.fail("required field is missing", key)
	}
	return ""
}

// FailTag records that the tag of the union whose object comes next is none of
// the known ones.
func (d *Decoder) FailTag(key, typeName string, known ...string) {
	if d.err != nil {
		return
	}
	tag := d.Tag(key)
	if d.err != nil {
		return
	}
	message := quote(tag) + " is not " + withArticle(typeName)
	if len(known) > 0 {
		quoted := make([]string, len(known))
		for i, k := range known {
			quoted[i] = quote(k)
		}
		message += ": expected " + strings.Join(quoted, " or ")
	}
	d.fail(message, key)
}
