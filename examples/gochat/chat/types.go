package chat

import (
	"time"

	"github.com/siogen/siogen/runtime"
)

// User is somebody in the chat.
type User struct {
	ID int `json:"id"`
	//siogen:minLength 1
	//siogen:maxLength 32
	Name string `json:"name"`
	// A picture, as PNG.
	//
	//siogen:maxLength 65536
	Avatar []byte  `json:"avatar,omitempty"`
	Email  *string `json:"email"`
	// Three states: never set (absent), cleared (null), or a text.
	Mood     runtime.Optional[string] `json:"mood,omitzero"`
	JoinedAt time.Time                `json:"joinedAt"`
	Role     Role                     `json:"role"`
	Tags     Tags                     `json:"tags,omitempty"`
}

// Role is what somebody may do.
type Role string

// What users may be.
const (
	RoleAdmin Role = "admin"
	// RoleMember reads and writes.
	RoleMember Role = "member"
	RoleGuest  Role = "guest" // Only reads.
)

type Tags []string

// Room is the name of a room.
//
//siogen:minLength 1
//siogen:maxLength 64
//siogen:pattern ^[a-z0-9-]+$
type Room string

// Message is something that appears in a room.
//
//siogen:union kind
//siogen:variant text TextMessage
//siogen:variant image ImageMessage
//siogen:variant system SystemMessage
type Message interface{ isMessage() }

func (*TextMessage) isMessage()   {}
func (*ImageMessage) isMessage()  {}
func (*SystemMessage) isMessage() {}

type TextMessage struct {
	ID      string       `json:"id"`
	From    User         `json:"from"`
	Text    string       `json:"text"`
	ReplyTo *TextMessage `json:"replyTo,omitempty"`
	SentAt  time.Time    `json:"sentAt"`
}

type ImageMessage struct {
	ID      string  `json:"id"`
	From    User    `json:"from"`
	Image   []byte  `json:"image"`
	Caption *string `json:"caption,omitempty"`
	Size    struct {
		Width  uint16 `json:"width"`
		Height uint16 `json:"height"`
	} `json:"size"`
}

type SystemMessage struct {
	Text    string                 `json:"text"`
	Level   SystemMessageLevel     `json:"level"`
	Details map[string]runtime.Any `json:"details,omitempty"`
}

//siogen:inline
type SystemMessageLevel string

const (
	SystemMessageLevelInfo    SystemMessageLevel = "info"
	SystemMessageLevelWarning SystemMessageLevel = "warning"
)

// JoinError is why somebody could not enter a room.
type JoinError struct {
	Code    JoinErrorCode `json:"code"`
	Message string        `json:"message"`
}

// Error implements error.
func (e *JoinError) Error() string { return e.Message }

//siogen:inline
type JoinErrorCode string

const (
	JoinErrorCodeUnknownRoom JoinErrorCode = "unknown_room"
	JoinErrorCodeFull        JoinErrorCode = "full"
	JoinErrorCodeBanned      JoinErrorCode = "banned"
)

// SendError is why a text was not sent.
type SendError struct {
	Code    SendErrorCode `json:"code"`
	Message string        `json:"message"`
}

// Error implements error.
func (e *SendError) Error() string { return e.Message }

//siogen:inline
type SendErrorCode string

const (
	SendErrorCodeNotInRoom SendErrorCode = "not_in_room"
	SendErrorCodeBlank     SendErrorCode = "blank"
)

type Auth struct {
	Token string `json:"token"`
	//siogen:minLength 1
	//siogen:maxLength 32
	Name string `json:"name,omitempty"`
}

type SocketData struct {
	User User `json:"user"`
}

type AdminAuth struct {
	Token string `json:"token"`
}

//siogen:inline
type AdminKickError string

const (
	AdminKickErrorUnknownUser AdminKickError = "unknown_user"
	AdminKickErrorNotAllowed  AdminKickError = "not_allowed"
)

// Error implements error.
func (e AdminKickError) Error() string { return string(e) }
