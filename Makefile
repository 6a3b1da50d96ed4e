# make demo: see it work.  make test: prove it works.  Every line can be typed by hand;
# on Windows `.venv/bin/` is `.venv\Scripts\` (docs/contributing.md).
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin/
# Test processes side by side; each starts the servers that it needs for itself.
WORKERS ?= 2

# The framework, and each plugin and template: the folders that hold a pyproject.toml.
PROJECTS := pyproject.toml $(sort $(wildcard plugins/*/pyproject.toml templates/*/pyproject.toml))
READY := .venv/ready
# One added or removed: installed anew, nothing of a removed one stays behind.
ifneq ($(shell cat $(READY) 2>/dev/null),$(PROJECTS))
STALE := stale
endif

.PHONY: demo test chaos lint bench lock clean stale

demo: $(READY)
	$(BIN)crossdock demo

test: lint
	$(BIN)pytest -n $(WORKERS)

chaos: $(READY)
	CROSSDOCK_SCENARIOS=10000 $(BIN)pytest -n $(WORKERS) --timeout 3000 tests/orders

lint: $(READY)
	$(BIN)ruff check
	$(BIN)ruff format --check
	$(BIN)mypy
	$(BIN)lint-imports

bench: $(READY)
	$(BIN)python tests/benchmarks/run.py; whole=$$?; $(BIN)python tests/benchmarks/engines.py && exit $$whole

$(READY): requirements.lock $(PROJECTS) $(STALE)
	$(PYTHON) -m venv $(if $(STALE),--clear) .venv
	$(BIN)python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)python -m pip install --quiet --no-deps --no-build-isolation $(patsubst %,-e %,$(dir $(PROJECTS)))
	@echo '$(PROJECTS)' > $@

# Every third-party package, for every platform, with hashes; ours are read for what they need and left out.
# Keeps the versions it finds: `make lock ARGS=--upgrade` moves them.
lock: $(READY)
	printf -- '-e ./%s\n' '[sql,http,host,mariadb,postgres,dev]' $(filter-out ./,$(dir $(PROJECTS))) | \
	UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)uv pip compile - --group dev --python-version 3.11 --universal \
		--generate-hashes --no-emit-index-url --no-annotate --quiet --output-file requirements.lock $(ARGS) \
		$$(sed -n 's/^name = "\([a-z0-9-]*\)"$$/--no-emit-package \1/p' $(PROJECTS))

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
