# Beian. `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
BIN     := dist/local
MODULES := infra/node_modules/.package-lock.json

.PHONY: help run demo test check bench fuzz invoke clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(MODULES) build ## start everything on this machine and leave it up (data in .local/)
	@exec $(BIN) run

demo: $(MODULES) build ## tell three filings, from the first form to the number, in a fresh system
	@exec $(BIN) demo

test: $(MODULES) check ## everything: formatting, vet, all tests with the race detector
	$(GO) test -race -shuffle=on -timeout 15m ./...
	cd infra/local && $(GO) test -race -shuffle=on -timeout 25m ./...

check: ## formatting and vet; a minute, no tests
	@test -z "$$(gofmt -l events functions infra shared | tee /dev/stderr)" || { echo 'gofmt the files above'; exit 1; }
	$(GO) vet ./...
	cd infra/local && $(GO) vet ./...

bench: $(MODULES) build ## measure, and say where it stands against each aim
	@exec $(BIN) bench

fuzz: ## fuzz every parser for 20 s each
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' shared functions | xargs -n1 dirname | sort -u); do \
		for name in $$(grep -ho '^func Fuzz[A-Za-z]*' $$package/*_test.go | cut -c6-); do \
			echo "$$package $$name"; $(GO) test ./$$package -run '^$$' -fuzz "^$$name$$" -fuzztime 20s; \
		done; \
	done

invoke: $(MODULES) build ## send a sample to its function: make invoke EVENT=reminders/daily
	@exec $(BIN) invoke $(EVENT)

.PHONY: build
build:
	@cd infra/local && $(GO) build -o ../../$(BIN) .

$(MODULES): infra/package-lock.json
	@npm ci --prefix infra --no-audit --no-fund --loglevel=error

clean: ## remove what was built and the data in .local/
	rm -rf dist .local infra/node_modules
