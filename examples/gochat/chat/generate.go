package chat

//go:generate go run ../../../cmd/siogen generate . --go-out ../chatio --ts-out ../node/events.ts
