# The front door. Every target bootstraps .venv itself; only Python 3.11+, make, git and a C compiler are assumed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv --system-certs
READY  := $(VENV)/.ready
ARGS   ?=

# Compiled modules are kept: without them a process takes three times as long to start, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check types lint bench gen setup lock clean
.DEFAULT_GOAL := help

help:            ## list the targets
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: $(READY)  ## create .venv with the locked dependencies
$(READY): requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/bootstrap.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: $(READY)    ## start Clarion on port 8080 with ./data; ARGS= for more options
	@$(BIN)/clarion serve --demo --data data $(ARGS)

test: $(READY)   ## run every test
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder --durations 25 $(ARGS)

check: $(READY)  ## lint, types, import contracts, size limits, generated files
	@$(MAKE) --no-print-directory -j 2 types lint

types: $(READY)
	@$(BIN)/mypy

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.sizes
	@$(BIN)/python -m tools.generate --check

bench: $(READY)  ## run the benchmarks; each prints its figure
	@$(BIN)/python -m bench $(ARGS)

gen: $(READY)    ## write the generated files: shapes, operation tables, COVERAGE.md, tables in docs/
	@$(BIN)/python -m tools.generate
	@$(BIN)/python -m tools.charts
	@$(BIN)/python -m tools.providers

lock: $(READY)   ## resolve the dependencies anew
	@for name in bootstrap runtime dev; do \
	  $(UV) pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --python-version 3.11 --universal requirements/$$name.in -o requirements/$$name.txt; done

clean:           ## remove .venv and caches, keep data
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
