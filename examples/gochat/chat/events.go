// The contract of ../../events.yaml, as Go interfaces.

package chat

// ServerToClient lists what the server sends.
type ServerToClient interface {
	NoArg()
	BasicEmit(a int, b string, c []byte)
	WithAck(d string, ack func(e int))
	// Comes first, with who the client is and which rooms there are.
	Welcome(you User, rooms []Room)
	// Somebody wrote something in a room.
	Message(msg Message, room Room)
	UserJoined(user User, room Room)
	UserLeft(user User, room Room)
	// Somebody has a new picture; without image, they removed it.
	//
	//siogen:arg userID name userId
	//siogen:optional image
	AvatarChanged(userID int, image []byte)
	Typing(user User, room Room)
}

// ClientToServer lists what clients send.
type ClientToServer interface {
	Hello()
	// Join enters a room.
	Join(room Room, ack func(err *JoinError, members []User))
	Leave(room Room)
	// ChatMessage writes a text into a room; the ack is the id of the message.
	//
	//siogen:event chat message
	//siogen:arg text minLength 1
	//siogen:arg text maxLength 4000
	ChatMessage(room Room, text string, ack func(err *SendError, id string))
	Typing(room Room)
	// SetAvatar sets the picture of the sender.
	//
	//siogen:arg image maxLength 65536
	SetAvatar(image []byte)
	// Invite asks any number of users into a room.
	//
	//siogen:arg userIDs name userIds
	Invite(room Room, userIDs ...int)
}

// ServerToServer lists what the servers of a cluster send to each other.
type ServerToServer interface {
	Reload(reason string)
}

// AdminServerToClient lists what the server sends to moderators.
//
//siogen:namespace /admin
//siogen:doc For moderators.
type AdminServerToClient interface {
	Report(from User, about Message)
}

// AdminClientToServer lists what moderators send.
type AdminClientToServer interface {
	// Kick throws somebody out of a room.
	//
	//siogen:arg userID name userId
	//siogen:optional reason
	Kick(userID int, room Room, reason string, ack func(err AdminKickError))
	//siogen:arg ack.bytesSent wire string
	//siogen:arg ack.bytesSent doc May exceed what a JavaScript number holds.
	Stats(ack func(users int, rooms map[string]int, bytesSent uint64))
}
