# Keybearer's own commands. `make help` lists them.

SWIFT ?= swift
PORTIONS = Sources Tests Benchmarks Package.swift
.DEFAULT_GOAL := help

.PHONY: help prerequisites run build test check lint format sanitize simulate proof fuzz bench nightly

help: ## list what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

prerequisites: ## install the system packages that are missing
	@Scripts/prerequisites

run: prerequisites ## build the release program and serve a demonstration
	$(SWIFT) build -c release --product keybearer
	@exec .build/release/keybearer serve --demo

build: prerequisites ## build the release program
	$(SWIFT) build -c release --product keybearer

test: prerequisites ## build and run every test
	@Scripts/postgresql-18 >/dev/null || echo "*** PostgreSQL 18 is not here: the store's contract runs on 15 alone" >&2
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

check: prerequisites lint sanitize simulate proof test ## what continuous integration runs

lint: ## the format, strictly
	$(SWIFT) format lint --strict --recursive $(PORTIONS)

format: ## put every file into the format
	$(SWIFT) format --in-place --recursive $(PORTIONS)

sanitize: ## Verification's tests under the thread sanitizer
	KEYBEARER_ROOM=Verification $(SWIFT) test --sanitize=thread --scratch-path .build-tsan

SCHEDULES ?= 20000

simulate: ## the protocol between nodes under faults; then with each of its rules broken
	KEYBEARER_ROOM=Cluster $(SWIFT) build -c release --scratch-path .build-cluster
	.build-cluster/release/keybearer-simulate $(SCHEDULES)

proof: prerequisites ## the same protocol as a model, exhaustively; each of its mutations is refuted
	@Scripts/proof

fuzz: ## 200,000 random JSON texts against Python's reader
	python3 Tests/Differential/json_differential.py

bench: ## in-process figures, as ratios within one run
	$(SWIFT) run -c release keybearer-bench

nightly: prerequisites fuzz ## the larger figures: 1,000,000 schedules, the larger models, 500 crash rounds
	$(MAKE) simulate SCHEDULES=1000000
	@Scripts/proof large
	$(SWIFT) build --build-tests
	KEYBEARER_CRASH_ROUNDS=500 $(SWIFT) test --skip-build --no-parallel --filter FlowTests
