//go:build race

package socketio

// raceDetector is on: pools then drop some of what they are given.
const raceDetector = true
