# Every target makes its own environment from plain `python3` and the locks; nothing else is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# uv installs the lock in seconds; pip, which is always there, does the same more slowly where uv cannot reach its
# registry. The locks are complete, hence --no-deps.
define install
	@$(BIN)/uv pip install -q --python $(VENV) --compile-bytecode --no-deps --require-hashes -r $(1) \
		|| $(BIN)/pip install -q --no-deps --require-hashes -r $(1)
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
endef

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: $(VENV)/.runtime ## Try everything on this machine; ARGS="--decide approve --json" decides by itself
	@$(BIN)/wap demo $(ARGS)

.PHONY: test
test: $(VENV)/.dev ## Lint, types, import rules, and every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: bench
bench: $(VENV)/.dev ## Measure speed and memory; prints tables
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: pictures
pictures: $(VENV)/.dev ## Draw the pictures in docs/ anew, from the running demo
	$(BIN)/python -m docs.pictures $(ARGS)

.PHONY: lock
lock: $(VENV)/.dev ## Resolve the locks anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml $(LOCKING) --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCKING) --extra dev -c requirements.lock -o requirements-dev.lock

LOCKING := -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--no-strip-extras

.PHONY: clean
clean: ## Remove the environment and the demo's world
	rm -rf $(VENV) .wap

$(VENV)/.python: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
		"Not installed. wap needs Python 3.11 or newer, and %s is %s. Name one: make PYTHON=python3.12 ..." \
		% (sys.executable, sys.version.split()[0]))'
	@echo "Installing into $(VENV) (once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $@
