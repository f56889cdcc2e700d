package runtime

import "context"

// Use adds a middleware for every event that the socket receives, known to the
// schema or not. It runs after the OnAny handlers and before the event's own, in
// the order of Use. args is the array of the arguments.
//
// An error refuses the event: it is treated as the handler's, so that the peer is
// answered with an error that the event declares, and any other goes to OnError.
// To give the handler values in its context use an Interceptor.
func (s *Socket) Use(f func(ctx context.Context, event string, args Any) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.middleware = append(s.middleware[:len(s.middleware):len(s.middleware)], f)
	s.hasHooks.Store(true)
}
