package tag

import "time"

type ServerToClient interface {
	Event(a A)
}

type A struct {
	name    string    `json:"name"`
	Flag    bool      `json:"flag,string"`
	ID      ID        `json:"id,string"`
	Created time.Time `json:"created,omitempty"`
	Pair    [2]int    `json:"pair,omitempty"`
	Größe   int       `json:"größe"`
	größe   int       `json:"x"` // é
}

type ID int64
