package events

// ServerToClient lists what the server sends.
type ServerToClient interface {
	Joined(who User)
}

// ClientToServer lists what clients send.
type ClientToServer interface {
	// Join enters a room.
	Join(room Room, ack func(err *JoinError, members []User))
	//siogen:event chat message
	ChatMessage(room Room, text string)
}

// PictureClientToServer is a namespace of its own.
type PictureClientToServer interface {
	//siogen:optional image
	//siogen:arg image maxLength 65536
	//siogen:arg ack.total wire string
	AvatarChanged(userID int, image []byte, ack func(total uint64))
}

// User is somebody.
type User struct {
	Name string `json:"name"`
}

// Room is the name of a room.
type Room string

// JoinError is why somebody could not enter a room.
type JoinError struct {
	Message string `json:"message"`
}

// Error implements error.
func (e *JoinError) Error() string { return e.Message }
