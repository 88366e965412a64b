# Every target works on a bare clone: it first makes .venv if that is missing or stale.

PYTHON ?= python3
JOBS ?= 2
PYTEST_ARGS ?=
VERIFY_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSTRAINTS := .ci/constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# One thread per process, parallel by processes: two BLAS pools on the same cores slow
# each other down many times over.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DELETE_ON_ERROR:
.PHONY: help venv verify mutate figures report test browser lint format clean

help: ## list the targets (default)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "Variables: PYTHON=$(PYTHON) JOBS=$(JOBS) PYTEST_ARGS=$(PYTEST_ARGS) VERIFY_ARGS=$(VERIFY_ARGS)"

verify: $(READY) ## check every claim and every control
	$(BIN)/ratecheck verify --jobs $(JOBS) $(VERIFY_ARGS)

mutate: $(READY) ## break the code in many ways: is each of them noticed?
	$(BIN)/ratecheck mutate --jobs $(JOBS)

figures: $(READY) ## draw the figures into figures-out/
	$(BIN)/ratecheck figures --jobs $(JOBS)

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

browser: $(READY) ## open the report in a Chromium, which this installs on Debian
	.ci/browser
	RATECHECK_BROWSER=needed $(BIN)/python -m pytest $(PYTEST_ARGS) tests/test_report_browser.py

report: $(READY) ## check everything, draw the figures and write report/report.html
	mkdir -p report
	$(BIN)/ratecheck verify --jobs $(JOBS) --json report/results.json $(VERIFY_ARGS)
	$(BIN)/ratecheck figures --jobs $(JOBS) --out report
	$(BIN)/ratecheck report --out report

lint: $(READY) ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## reformat, and mend what can be mended safely
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

venv: $(READY) ## set up .venv and no more

clean: ## delete caches and builds (.venv stays)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The stamp is last, so an installation that was cut short is done again.
$(READY): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	@echo "Installing ratecheck and its tools in $(VENV) (a minute or two) ..."
# `--group` needs pip 25.1; the pip that a new environment comes with is as old as its Python.
	@$(INSTALL) --upgrade 'pip>=25.1'
	@$(INSTALL) -c $(CONSTRAINTS) -e '.[gpt2]' --group dev
	@touch $@

# Runs too when .venv/bin/python is a dangling link, hence --clear. Half an environment
# would look like a whole one the next time, hence the rm.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Need Python >= 3.11, found no '$(PYTHON)'. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Need Python >= 3.11, got '$(PYTHON)' = $$($(PYTHON) --version 2>&1)." \
	       "Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Need the modules venv and ensurepip, which '$(PYTHON)' lacks." \
	       "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
