# One list of what can be done here. `make help` prints it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# ---- set-up: each stamp is older than what it was made from, or is made again -----------------

.venv/.runtime: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

static/vendor/.ready: package-lock.json scripts/front_end.py .venv/.runtime
	npm ci --silent --no-fund --no-audit
	$(BIN)/python -m scripts.front_end

.PHONY: setup
setup: .venv/.dev static/vendor/.ready ## install the locked Python and front-end packages

# ---- run ---------------------------------------------------------------------------------------

.PHONY: run
run: .venv/.runtime static/vendor/.ready ## set everything up and start the app with demo data and the sandbox
	@exec $(BIN)/python -m scripts.run

# ---- test --------------------------------------------------------------------------------------

.PHONY: test
test: setup ## run the whole suite on SQLite, then on PostgreSQL and Redis, browser tests included
	@$(BIN)/python -m scripts.run_tests

.PHONY: check
check: setup ## format, lint, types, import rules, tests
	@$(MAKE) --no-print-directory format-check lint types imports test

.PHONY: format
format: .venv/.dev ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

.PHONY: format-check
format-check: .venv/.dev ## say whether the code is in the house format
	$(BIN)/ruff format --check .

.PHONY: lint
lint: .venv/.dev ## ruff's rules
	$(BIN)/ruff check .

.PHONY: types
types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

.PHONY: imports
imports: .venv/.dev ## the floors of the house: imports only point down
	$(BIN)/lint-imports --no-cache

# ---- keeping up --------------------------------------------------------------------------------

.PHONY: lock
lock: .venv/.dev ## lock the newest allowed versions of the Python packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -c requirements.lock -o requirements-dev.lock

.PHONY: clean
clean: ## remove what set-up and tests made; the data folder stays
	rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
