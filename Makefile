# Two commands do everything on a new machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help env demo test test-unit test-containers lint format docs results \
  tools clean

help:  ## Show this help
	@echo "Usage: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'

env: $(STAMP)  ## Create .venv with everything pinned (Java too, if missing)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed," \
	       "for example: make env PYTHON=python3.12"; exit 7; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
	  --editable '.[dev]'
	@if ! PYTHONPATH=src $(BIN)/python -m taxi_fare.core.java; then exit 7; fi
	@touch $@

demo: env  ## Run the whole system on simulated trips
	$(BIN)/taxi-fare demo

test: env  ## Run every test
	$(BIN)/python -m pytest

test-unit: env  ## Run the tests that need no Java, in seconds
	$(BIN)/python -m pytest tests/unit

test-containers:  ## Build and run the containers (root, podman, Go)
	deploy/test-containers.sh

lint: env  ## Check style, types, docstrings and imports
	$(BIN)/flake8 src/
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find src -name '*.py' | xargs $(BIN)/numpydoc lint

format: env  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: env  ## Rewrite docs/commands.md from the command line
	$(BIN)/python scripts/write_commands.py

results: env  ## Run the real 2019 months and rewrite docs/results.md
	$(BIN)/python benchmarks/real_months.py

tools:  ## Build the S3 servers of the tests with Go (2 minutes, once)
	scripts/build_tools.sh

clean:  ## Remove the environment and what the demo wrote
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
