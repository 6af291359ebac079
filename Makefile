# Two commands do everything on a new machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Airflow has an environment of its own: its pins are not the project's.
AIRFLOW_VENV := .venv-airflow
AIRFLOW_STAMP := $(AIRFLOW_VENV)/.installed
# Nothing is installed that is not pinned, or has another hash; what comes as
# source is built with what is pinned for that.
INSTALL := bin/python -m pip install --quiet --require-hashes \
  --no-build-isolation --requirement
# One file for all platforms and versions of Python.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-emit-index-url \
  --custom-compile-command 'make lock' $(LOCK_OPTIONS)

# Tests that start no JVM.
LIGHT := tests/unit tests/contract tests/app

.DEFAULT_GOAL := help
.PHONY: help env demo test test-unit test-airflow airflow-env \
  test-containers lint format docs pictures tutorial notebooks results watch-results evidence-results accuracy-results \
  tried-results tune-results backtest-results \
  bench bench-small torture fuzz tools lock audit mutate clean

help:  ## Show this help
	@echo "Usage: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) \
	  | awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'

env: $(STAMP)  ## Create .venv with everything pinned (Java too, if missing)

$(STAMP): pyproject.toml constraints.txt constraints-build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed," \
	       "for example: make env PYTHON=python3.12"; exit 7; }
	@echo "Making $(VENV): packages, each with one version and its hash" \
	  "(two to four minutes, once)"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/$(INSTALL) constraints-build.txt
	$(VENV)/$(INSTALL) constraints.txt
	$(BIN)/python -m pip install --quiet --no-index --no-deps \
	  --no-build-isolation --editable .
	@if ! PYTHONPATH=src $(BIN)/python -m taxi_fare.core.spark.java; then exit 7; fi
	PYTHONPATH=src $(BIN)/python -m taxi_fare.core.spark.archive_maker
	@touch $@
	@echo "$(VENV) is there. Next: make demo; or . $(BIN)/activate, then" \
	  "taxi-fare --help"

demo: env  ## Run the whole system on simulated trips
	$(BIN)/taxi-fare demo

# A file runs in one process, and shares its Spark and its models. Two files at
# once: each of them waits a good part of its time for a machine to start or die.
test: env  ## Run every test: those without Spark on all cores, then the others
	$(BIN)/python -m pytest --numprocesses auto $(LIGHT)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile \
	  --no-loadscope-reorder \
	  $(addprefix --ignore=,$(LIGHT))

test-unit: env  ## Run the tests that need no Java, on all cores
	$(BIN)/python -m pytest --numprocesses auto tests/unit

$(AIRFLOW_STAMP): constraints-airflow.txt constraints-build.txt
	$(PYTHON) -m venv $(AIRFLOW_VENV)
	$(AIRFLOW_VENV)/$(INSTALL) constraints-build.txt
	$(AIRFLOW_VENV)/$(INSTALL) constraints-airflow.txt
	@touch $@

airflow-env: $(AIRFLOW_STAMP)  ## Create .venv-airflow, for test-airflow alone

test-airflow: env $(AIRFLOW_STAMP)  ## Run the DAGs with a real Airflow
	$(AIRFLOW_VENV)/bin/python -m pytest -c tests/airflow/pytest.ini \
	  --numprocesses 2 --dist loadfile tests/airflow

test-containers: env  ## Build and run the containers (root, podman, Go)
	deploy/test-containers.sh

lint: env  ## Check style, types and imports
	$(BIN)/flake8 src/ dags/
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pictures: demo  ## Draw the pictures of the README on the demo (Chromium)
	$(BIN)/python scripts/pictures.py

tutorial: env  ## Run what docs/tutorial.md shows, and write its output anew
	$(BIN)/python scripts/write_tutorial.py

notebooks: demo  ## Run the notebooks of examples/ on the demo, and keep what they print
	$(BIN)/python scripts/run_notebooks.py

format: env  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: env  ## Rewrite docs/commands.md and docs/schemas from the code
	$(BIN)/python scripts/write_commands.py
	$(BIN)/python scripts/write_schemas.py

bench: env  ## Time every stage at full size (hours) and rewrite docs/performance.md
	$(BIN)/python benchmarks/speed.py --growth 500000
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/performance_page.py

bench-small: env  ## Time every recipe on small months, in five minutes
	$(BIN)/python benchmarks/speed.py --trips 30000 \
	  --output benchmarks/work/small.json

results: env  ## Run the real 2019 months and rewrite docs/results.md
	$(BIN)/python benchmarks/real_months.py

evidence-results: env  ## Judge promotions and intervals by the next real month (docs/results.md)
	$(BIN)/python benchmarks/evidence_results.py

accuracy-results: env  ## Compare accuracy with other libraries (docs/results.md; an hour)
	$(BIN)/python benchmarks/accuracy.py

tried-results: env  ## Try other ways than the recipe best on real months (docs/results.md)
	$(BIN)/python benchmarks/tried.py

tune-results: env  ## Tune for each real month, and look at the next (docs/results.md)
	$(BIN)/python benchmarks/tune_results.py

backtest-results: env  ## What training each month is worth on real months (docs/results.md)
	$(BIN)/python benchmarks/backtest_results.py

watch-results: env  ## Watch the real 2019 months and rewrite docs/watch.md
	$(BIN)/python benchmarks/watch_real_months.py

torture: env tools  ## Kill, starve and crowd everything (45 minutes)
	PYTHONPATH=src:tests/servers $(BIN)/python tests/torture \
	  --page docs/reliability.md $(ARGS)

fuzz: env  ## Ask the HTTP service 5,000 things that nobody thought of (15 minutes)
	TAXI_FARE_FUZZ=5000 $(BIN)/python -m pytest tests/unit/test_serving.py -k nobody_thought_of

tools:  ## Build the S3 servers of the tests with Go (2 minutes, once)
	scripts/build_tools.sh

lock: env  ## Pin all packages anew (LOCK_OPTIONS=--upgrade: the newest)
	$(LOCK) pyproject.toml --extra dev --extra java --output-file constraints.txt
	$(LOCK) pyproject.toml --extra app --extra figures --extra metrics \
	  --extra notify --extra serve --extra mlflow --extra lineage \
	  --constraint constraints.txt \
	  --output-file constraints-image.txt
	$(LOCK) --group build --constraint constraints.txt \
	  --output-file constraints-build.txt
	$(LOCK) --group airflow --output-file constraints-airflow.txt

audit: env  ## List what is pinned, with licences and known advisories
	$(BIN)/pip-licenses --from=mixed
	$(BIN)/python scripts/audit.py

mutate: env  ## Change the code in many ways: what no test notices (30 min)
	$(BIN)/python scripts/mutate.py $(MODULES)

clean:  ## Remove the environments and what the demo wrote
	rm -rf $(VENV) $(AIRFLOW_VENV) demo build benchmarks/work dist .pytest_cache .mypy_cache .ruff_cache
