# Needed beforehand: make, and Python 3.11 or newer with its venv module. Everything else comes from the pins.
PYTHON ?= python3
ARGS ?=

# Where this is set, every process compiles all libraries anew: `time postal --help` takes 3.8 s of processor instead of 1.4.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
# Wheels only, because building one would fetch a builder that no hash covers. Bytecode is made on first import.
INSTALL_PINS := $(PIP_INSTALL) --require-hashes --only-binary :all: --no-compile --requirement
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --system-certs --annotation-style line \
	--custom-compile-command "make lock" --extra redis --group build $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo up test check storm bench lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 15
	@echo
	@echo '  Options: ARGS="..." goes to the command, PYTHON=python3.12 chooses the interpreter.'

demo: .venv/run.stamp ## Take 24 dossiers through their whole life; ends by itself (ARGS="--dossiers FILE --json FILE")
	$(BIN)/postal demo $(ARGS)

up: .venv/run.stamp ## Start the whole system on this machine; it stays up until Ctrl-C
	$(BIN)/postal up $(ARGS)

test: .venv/dev.stamp ## Run every test; finds, or installs and starts, the servers that some tests need (ARGS="tests/config -x")
	$(BIN)/python -m tests.support.services
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/dev.stamp ## Lint, formatting, types and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

storm: .venv/dev.stamp ## Kill, cut and empty everything under load, then check every promise (ARGS="--seed 7 --seconds 120")
	$(BIN)/python -m tests.crash $(ARGS)

bench: .venv/bench.stamp ## Measure speed beside other libraries, and print the figures
	$(BIN)/postal bench deadlines
	$(BIN)/pytest tests/benchmarks --capture=no $(ARGS)

lock: .venv/dev.stamp ## Pin the versions again after a change of pyproject.toml (ARGS=--upgrade takes newer ones)
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) --extra bench --constraint requirements-dev.txt --output-file requirements-bench.txt

clean: ## Remove the environment, builds and caches; your data in var/ stays
	rm -rf .venv build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed and this is " \
		+ sys.version.split()[0] + ": say which one to use, as in make demo PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(INSTALL_PINS) requirements.txt
	$(PIP_INSTALL) --no-index --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(INSTALL_PINS) requirements-dev.txt
	@touch $@

.venv/bench.stamp: .venv/dev.stamp requirements-bench.txt
	$(INSTALL_PINS) requirements-bench.txt
	@touch $@
