// Package target builds and starts the servers that are measured, each as its own
// process on loopback, and reads from /proc what they use.
package target
