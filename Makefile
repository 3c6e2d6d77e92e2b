# `make try` and `make test` need Python 3.11+ and a package registry, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help try run test bench check lint types layers lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

try: .venv/try ## open the bot in a browser, without Discord
	@$(BIN)/python -m bot try

run: .venv/run ## run the bot against Discord, with the token from .env
	@$(BIN)/python -m bot run

# Tests start many processes, so Python keeps its bytecode whatever the environment says: else each compiles anew.
# A process takes whole files, whose tests share what is costly to make, in the order of tests/conftest.py.
test: .venv/dev ## run the tests, in up to five processes; PYTEST="-n0 -k name" for some in one
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --maxprocesses 5 --dist loadfile --no-loadscope-reorder $(PYTEST)

bench: .venv/bench ## measure the search beside others, for most of an hour; BENCH="--sizes 1000" for less
	@$(BIN)/python -m tests.bench $(BENCH)

# Coverage is taken of every case alone: it takes a third of the time of few.
check: lint layers ## lint, types and the tests, each rule with few cases; LONG=1 for every case, as CI
	$(MAKE) --no-print-directory -j 2 types test PYTEST="$(if $(filter-out 0,$(LONG)),--cov --cov-report=term:skip-covered) $(PYTEST)"

lint: .venv/dev ## ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/dev ## mypy
	$(BIN)/mypy

layers: .venv/dev ## import-linter
	$(BIN)/lint-imports --no-cache

lock: ## pin what the lock files in deploy/ install (needs uv)
	for extra in run try postgres dev bench; do \
	  uv pip compile -q pyproject.toml $$([ $$extra = run ] || echo --extra $$extra) --python-version 3.11 --universal \
	    --generate-hashes --no-header --upgrade -o deploy/lock-$$extra.txt; \
	done

clean: ## remove the virtual environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage build *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Newsdesk needs Python 3.11 or newer; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# A stamp for each set of packages; the larger sets hold the smaller ones, and bench stands beside the others. The lock
# files are complete, so nothing is resolved: older pips look past them for what is asked for with an extra.
.venv/%: deploy/lock-%.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $<
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@
