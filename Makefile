# Every target does its own set-up; nothing has to be prepared but Python 3.11 to 3.13 (with venv) and make.
# "make" alone lists the targets. PYTHON=/path/to/python3.12 chooses another Python, JOBS=4 more test processes,
# "make lock UPGRADE=--upgrade" takes newer versions instead of keeping the pinned ones,
# "make bench-truth DATA=/path/to/sets SEEDS='1 2'" measures on the labelled sets that lie there.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME UV_FIND_LINKS

BIN := .venv/bin
JOBS ?= 2
ARGS ?=
DATA ?=
SEEDS ?=
UPGRADE ?=
LINT := $(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports
UV_COMPILE := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench bench-speed bench-truth bench-market lock clean test-setup elasticsearch

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: ## make .venv with what running needs; .venv/bin/gapfinder is there afterwards
	@scripts/environment run

demo: setup ## load the sample market, analyze it and print what is searched but not answered
	@$(BIN)/gapfinder demo

test: elasticsearch ## check style, types and layers, then run all tests (Elasticsearch included)
	@$(LINT) || lint=failed; \
	CI=true TZ=UTC $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup || exit; \
	if [ -n "$$lint" ]; then echo "the tests passed, but make lint failed: see above" >&2; exit 1; fi

lint: test-setup ## check style, types and layers only
	@$(LINT)

bench: elasticsearch ## measure speed and memory, and write the results to benchmarks/results
	@scripts/environment bench
	@$(BIN)/python -m benchmarks

bench-speed: ## measure speed against peers in one run; ARGS='--notes 1000000' for other sizes
	@scripts/environment bench
	@$(BIN)/python -m benchmarks.speed $(ARGS)

bench-truth: ## measure how true gaps are; DATA=folder of labelled sets, without it the sample market only
	@scripts/environment bench
	@$(BIN)/python -m benchmarks.truth $(if $(DATA),--data "$(DATA)") $(if $(SEEDS),--seeds $(SEEDS))

bench-market: ## measure how well points, audiences and texts are understood; DATA=folder of real texts
	@scripts/environment bench
	@$(BIN)/python -m benchmarks.market $(if $(DATA),--data "$(DATA)")

lock: ## resolve the dependencies anew: names, versions and hashes, no addresses
	@scripts/environment lock
	@$(UV_COMPILE) --group build -o requirements/build.txt
	@$(UV_COMPILE) pyproject.toml $(foreach lock,build,-c requirements/$(lock).txt) -o requirements/run.txt
	@$(UV_COMPILE) --group test $(foreach lock,build run,-c requirements/$(lock).txt) -o requirements/test.txt
	@$(UV_COMPILE) --group bench $(foreach lock,build run test,-c requirements/$(lock).txt) -o requirements/bench.txt
	@$(UV_COMPILE) --group lock -o requirements/lock.txt

clean: ## remove what the other targets made (not your data)
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

test-setup:
	@scripts/environment test

elasticsearch: test-setup
	@scripts/system-packages
	@$(BIN)/python tests/servers/install_elasticsearch.py
