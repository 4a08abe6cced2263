# Everything a newcomer does here, top to bottom. `make help` lists it. Needs Python 3.11 or newer, make, and nothing else.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ARGS ?=
HUNT ?= 20
CHAOS ?= 20
# Errors only: pip warns once for each package about every index that a machine's own configuration lists in vain.
INSTALL := pip install --quiet --quiet --disable-pip-version-check

# The first interpreter that is new enough and can make a virtual environment. `make setup PYTHON=/path/to/python3.13` overrides.
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell $(name) -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo $(name))))

.DEFAULT_GOAL := help
.PHONY: help setup demo test hunt prove chaos serve bench check lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with the locked dependencies and this project in it

demo: $(READY) ## post the first example to a service of its own, add what a nurse finds out, and show both notes
	@$(BIN)/spine-triage demo

test: $(READY) ## run every test, a process for each core (ARGS="tests/store -x" narrows it, ARGS="-n 0" stays in one)
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

hunt: $(READY) ## try the laws and the doors on new random examples, HUNT times as many as a test run does (HUNT=20)
	@HUNT=$(HUNT) $(BIN)/python -m pytest tests/laws tests/routers/test_any_request.py $(ARGS)

prove: $(READY) ## prove the laws of the rulebook, with a consultation for each that fails (ARGS=my/rulebook for another)
	@$(BIN)/spine-triage rulebook prove $(ARGS)

chaos: $(READY) ## break real services and databases many times over, CHAOS times each (CHAOS=20), and count what is left
	@CHAOS=$(CHAOS) $(BIN)/python -m pytest tests/chaos -o faulthandler_timeout=1200 $(ARGS)

serve: $(READY) ## migrate, then run the service on this machine (SPINE_TRIAGE_* variables or ARGS="--port 8080" change how)
	@$(BIN)/spine-triage serve --migrate $(ARGS)

bench: $(READY) ## measure against the floors and peers, as ratios
	@$(BIN)/python -m bench $(ARGS)

check: $(READY) ## lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## resolve the dependencies anew and pin them with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra build -c requirements.lock pyproject.toml -o requirements-runtime.lock

clean: ## remove .venv and caches, never a database
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find app tests bench alembic -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Without a working pip (never made, interrupted, or its Python is gone) .venv is made anew.
$(READY): requirements.lock pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  python="$(PYTHON)"; \
	  $${python:-false} -c '$(NEW_ENOUGH)' 2>/dev/null || { \
	    echo "setup: no Python 3.11 or newer that can make virtual environments was found$${python:+ ($$python will not do)}." >&2; \
	    echo "setup: install one (on Debian and Ubuntu also python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2; \
	    exit 1; }; \
	  echo "setup: making $(VENV) with $$($$python --version)"; \
	  $$python -m venv --clear $(VENV); }
	@echo "setup: installing the locked dependencies into $(VENV) (a minute the first time)"
	@$(BIN)/python -m $(INSTALL) --require-hashes -r requirements.lock
	@$(BIN)/python -m $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: ready"
