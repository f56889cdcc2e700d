// Package other is not where the contract is.
package other

// Thing cannot travel.
type Thing struct {
	Done chan struct{} `json:"done"`
}
