// Package faults tests what peers that break the rules, or just break, do to a
// server: to their own connection, to the application behind it, and to other
// connections, which must not notice.
package faults
