//go:build race

package engineio

// raceDetector is on: everything is several times slower.
const raceDetector = true
