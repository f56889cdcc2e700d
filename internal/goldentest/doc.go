// Package goldentest drives the packages under testdata/golden, which are what
// the generator makes of the schemas there: each is compiled by being imported
// here, and talks to itself through a real server and client.
package goldentest
