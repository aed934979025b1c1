# Keybearer's own commands. `make help` lists them.

SWIFT ?= swift
PORTIONS = Sources Tests Benchmarks Examples Package.swift
.DEFAULT_GOAL := help
# A run of the tests that is cut off has said which one it was in.
BY_LINE = $(shell command -v stdbuf >/dev/null && echo stdbuf -oL)

# The program carries Swift's libraries: it starts faster and needs no toolchain where it runs.
RELEASE = -c release --product keybearer --static-swift-stdlib

.PHONY: help prerequisites run harbor ledger build test browser screenshots page-times check lint format sanitize simulate proof fuzz fuzz-parser \
	bench bench-cli bench-cluster documentation manual outside nightly

help: ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

prerequisites: ## install the system packages that are missing
	@Scripts/prerequisites

run: prerequisites ## build the release program and serve a demonstration
	$(SWIFT) build $(RELEASE)
	@exec .build/release/keybearer serve --demo

ledger: prerequisites ## an invoicing API behind nginx that asks Keybearer, with demo data
	$(SWIFT) build --product keybearer
	$(SWIFT) build --product ledger
	@exec Examples/Ledger/start --demo --folder data/ledger

harbor: prerequisites ## the example platform that embeds Keybearer, with demo data
	$(SWIFT) build --product harbor-server
	$(SWIFT) build --product harbor
	@exec .build/debug/harbor-server --demo --data data/harbor

build: prerequisites ## build the release program
	$(SWIFT) build $(RELEASE)

test: prerequisites ## build and run every test
	@Scripts/postgresql-18 >/dev/null || echo "*** PostgreSQL 18 is not here: the store's contract runs on 15 alone" >&2
	@Scripts/sarif-environment || echo "*** The SARIF schema is not here: reports of scan are not held against it" >&2
	$(SWIFT) build --build-tests
	$(BY_LINE) $(SWIFT) test --skip-build --no-parallel
	Scripts/browser-tests

browser: prerequisites ## the tests in a real browser alone
	$(SWIFT) build --product keybearer
	$(SWIFT) build --product ledger
	$(SWIFT) build --product harbor-server
	Scripts/browser-tests

screenshots: prerequisites ## pictures of every page, for docs/screenshots
	$(SWIFT) build --product keybearer
	Scripts/browser-environment
	.build/browser-environment/bin/python Tests/Browser/screenshots.py

page-times: prerequisites ## the server's time for every page, with 20 keys and with a million, as ratios
	$(SWIFT) build $(RELEASE)
	KEYBEARER_PROGRAM=$(CURDIR)/.build/release/keybearer python3 Tests/Browser/weigh.py

check: prerequisites lint sanitize simulate proof test ## what continuous integration runs

lint: ## the format, strictly; and what the examples spend on Keybearer
	$(SWIFT) format lint --strict --recursive $(PORTIONS)
	Scripts/adoption-lines Examples/Harbor

format: ## put every file into the format
	$(SWIFT) format --in-place --recursive $(PORTIONS)

sanitize: ## Verification's tests under the thread sanitizer
	KEYBEARER_ROOM=Verification $(SWIFT) test --sanitize=thread --scratch-path .build-tsan

SCHEDULES ?= 20000

simulate: ## the protocol between nodes: with each of its rules broken, under faults, with 1,000 nodes
	KEYBEARER_ROOM=Cluster $(SWIFT) build -c release --scratch-path .build-cluster
	.build-cluster/release/keybearer-simulate $(SCHEDULES)

proof: prerequisites ## the same protocol as a model, exhaustively; each of its mutations is refuted
	@Scripts/proof

fuzz: ## 200,000 random JSON texts against Python's reader
	python3 Tests/Differential/json_differential.py

PARSER_INPUTS ?= 1000000

fuzz-parser: ## random requests for the parser beside SwiftNIO's, optimized
	KEYBEARER_ROOM=Parser $(SWIFT) build -c release --product keybearer-parser-fuzz --scratch-path .build-parser
	.build-parser/release/keybearer-parser-fuzz $(PARSER_INPUTS)

bench: build ## verification in process and over HTTP beside nginx, HAProxy and Envoy; writes docs/performance.md
	KEYBEARER_ROOM=Verification $(SWIFT) build -c release --product keybearer-bench --scratch-path .build-room
	python3 Benchmarks/HTTP/bench.py $(BENCH)

bench-cluster: build ## three nodes on a PostgreSQL of their own: revokes beside commits; writes docs/scaling.md
	Benchmarks/Cluster/bench.py --write

bench-cli: build ## the command line: its start, and the scanner beside grep
	Benchmarks/CommandLine/startup
	Benchmarks/CommandLine/scan
	Benchmarks/CommandLine/history

documentation: ## check the library's DocC pages and tutorial, and write them to .build/documentation
	@Scripts/documentation

manual: build ## write the man pages to .build/manual
	$(SWIFT) package --allow-writing-to-directory .build/manual generate-manual --multi-page --output-directory .build/manual

outside: ## build a program outside the package by the README's lines, and try it
	$(SWIFT) build --product keybearer
	Scripts/outside-program

nightly: prerequisites fuzz outside documentation bench-cli ## the larger figures: 1,000,000 schedules, 400 with real nodes, 10,000,000 requests, 500 crash rounds
	$(MAKE) simulate SCHEDULES=1000000
	@Scripts/proof large
	$(MAKE) fuzz-parser PARSER_INPUTS=10000000
	$(SWIFT) build --build-tests
	KEYBEARER_CRASH_ROUNDS=500 $(SWIFT) test --skip-build --no-parallel --filter '^FlowTests'
	KEYBEARER_CLUSTER_SCHEDULES=400 $(SWIFT) test --skip-build --no-parallel --filter RandomMishaps
