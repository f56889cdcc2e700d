# What CI runs is `make test` and `make fuzz-some`. Everything it needs beyond Go and Node is pinned
# in go.mod and package-lock.json.

GO ?= go
STATICCHECK = $(GO) tool staticcheck
# Packages that ./... skips: each is somebody's generated code.
GOLDEN = ./testdata/golden/... ./testdata/goschema/types/... ./testdata/goschema/beside

.PHONY: test
test: node_modules vet lint generated go-test ## everything CI checks

.PHONY: vet
vet: ## go vet and gofmt, generated packages included
	$(GO) vet ./... $(GOLDEN)
	@unformatted=$$(git ls-files '*.go' ':!testdata/goschema/bad' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi

.PHONY: lint
lint: ## staticcheck, generated packages included
	$(STATICCHECK) ./... $(GOLDEN)

.PHONY: generated
generated: ## what go generate writes is what is committed
	$(GO) generate ./...
	@git diff --exit-code -- examples
	@new=$$(git ls-files --others --exclude-standard -- examples); \
	if [ -n "$$new" ]; then echo "generated, but not committed:"; echo "$$new"; exit 1; fi

.PHONY: go-test
go-test: ## the Go tests with the race detector: unit, golden, script, TypeScript and interop
	$(GO) test -race -timeout 20m ./...
	$(GO) test -timeout 5m ./runtime/engineio ./internal/deptest # what is left out with -race: calls of the kernel, other systems

.PHONY: test-browser
test-browser: node_modules ## the chat's page in Chromium, which it installs where it can
	./scripts/peers.sh chromium
	CI=true $(GO) test -count=1 -v -timeout 20m -run 'Browser|Page' ./examples/chat

.PHONY: page
page: node_modules ## builds the chat's page, examples/chat/page
	node_modules/.bin/vite build examples/chat/web

.PHONY: screenshots
screenshots: node_modules ## takes the pictures in docs/images anew
	./scripts/peers.sh chromium
	$(GO) build -o bin/chat ./examples/chat
	CHAT=bin/chat node --test examples/chat/web/test/screenshots.mjs

# A count and not a time: Go's fuzzing may fail at the end of its own time limit on
# a busy machine.
.PHONY: fuzz-some
fuzz-some: ## every fuzz target for some seconds: CI runs it too
	./scripts/fuzz.sh 2000x

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 10s) each
	./scripts/fuzz.sh $(or $(FUZZTIME),10s)

.PHONY: update
update: ## writes all goldens anew
	$(GO) test $$(grep -rl 'flag.Bool("update"' --include='*_test.go' . | xargs -n1 dirname | sort -u) -update

node_modules: package.json package-lock.json .npmrc
	npm ci
	@touch node_modules

.PHONY: help
help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
