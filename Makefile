# Rongjian: every target says what it does; `make` alone lists them.
# `make run` and `make test` need Python 3.11 and make, nothing else.

PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) 2>/dev/null || command -v python3)
BIN := .venv/bin
export PYTHONSAFEPATH := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.PHONY: setup
setup: .venv/.ready ## make the virtual environment (.venv) from the hash-pinned lock

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

.venv/.referees: .venv/.ready tests/referees/requirements.txt tests/referees/sigstore-js/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --ignore-requires-python -r tests/referees/requirements.txt
	if command -v npm >/dev/null; then cd tests/referees/sigstore-js && timeout 120 npm ci --fetch-retries=1 --ignore-scripts --no-audit --no-fund --loglevel=error || \
		echo "@sigstore/verify: not to be had here; what needs it is skipped"; fi
	touch $@

.PHONY: run
run: setup ## start the ledger with its embedded PostgreSQL and load the demo logs
	$(BIN)/rongjian serve --demo

.PHONY: test
test: .venv/.referees ## run all tests (on the embedded PostgreSQL, or on RONGJIAN_TEST_DATABASE_URL)
	$(BIN)/python -m pytest -n auto --dist loadfile

.PHONY: quick
quick: setup ## folds, guards and flags over courses in memory: no database, under a minute
	$(BIN)/python -m pytest -n auto --dist loadgroup tests/quick tests/scenario

.PHONY: night-verifiers
night-verifiers: setup ## both verifiers over 200 random spoilings and 60 re-signed logs, for MINUTES= more (SEED= again)
	PYTHONSAFEPATH= $(BIN)/python -m tests.spec.random_spoilings $(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),0)

.PHONY: night-contradictions
night-contradictions: setup ## courses with one or two steps left out, for MINUTES= (SEED= again): no two facts contradict each other
	PYTHONSAFEPATH= $(BIN)/python -m tests.quick.night_contradictions $(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),10)

.PHONY: lint
lint: setup ## check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: spec
spec: setup ## write docs/spec/events/*.json and the other generated documents anew
	$(BIN)/rongjian spec docs/spec

.PHONY: words
words: setup ## extract the sentences of the code into the catalogues (locale/*.po) anew, and compile them (LANGUAGE= of another language)
	PYTHONSAFEPATH= $(BIN)/python -m tests.words.catalogues $(LANGUAGE)

.PHONY: fired
fired: setup ## count anew how often each flag fires over the shipped scenarios (docs/flags/fired.toml)
	$(BIN)/python -m tests.flags.fired

.PHONY: bench
bench: setup ## measure all that is promised and write docs/performance.md (GROWTH=1000000, PARTS=http,growth, TINY=1)
	PYTHONSAFEPATH= $(BIN)/python -m tests.benchmarks.bench $(if $(GROWTH),--growth $(GROWTH)) $(if $(PARTS),--parts $(PARTS)) $(if $(TINY),--tiny)

.PHONY: profile
profile: setup ## flame graphs and counts of one submission, one answer, one page, into profiles/
	PYTHONSAFEPATH= $(BIN)/python -m tests.benchmarks.profiling

.PHONY: performance
performance: setup ## write docs/performance.md anew from the last run and what is promised
	PYTHONSAFEPATH= $(BIN)/python -m tests.benchmarks.performance

.PHONY: lock
lock: ## resolve dependencies anew into requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra service --extra dev --no-header pyproject.toml -o requirements.lock

.PHONY: ci
ci: lint test ## what CI runs

.PHONY: clean
clean: ## remove the virtual environment and caches (not the data in .rongjian)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
