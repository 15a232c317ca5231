# `make` alone says what there is. Another Python than python3: make run PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
.SILENT:
.PHONY: help run test check audit verify proof bench lock runtime development
MAKEFLAGS += --no-print-directory

help: ## Say what there is
	sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: runtime ## Start everything on this machine; Ctrl-C stops it
	exec $(BIN)/python -m deploy.run

test: development ## Run all tests, three files at a time; ARGS="-n 0 -k word" chooses some
	$(BIN)/python -m deploy.browser
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: development ## Measure it beside the simplest thing that could do the same; ARGS="--quick --only creates"
	$(BIN)/python -m tests.bench $(ARGS)

check: development ## Hold the code to the rules of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/squawk shared/journal/migrations/*.sql
	$(BIN)/python -m shared.events.publish --check
	$(BIN)/python -m pytest -q tests/consistency

verify: runtime ## Recompute every chain and seal of the journal; the stack must run
	$(BIN)/python -m shared.journal verify

proof: development ## Break everything at random while clients work, prove that nothing is lost; MINUTES=30 SEED=1
	$(BIN)/python -m tests.proof $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

lock: development ## Bring the locked packages up to date
	for name in uv runtime redis development; do \
		[ $$name = redis ] && alone=--no-deps || alone=; \
		$(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate --no-emit-index-url --upgrade $$alone requirements/$$name.in -o requirements/$$name.txt || exit; \
	done

audit: development ## Ask the package index what is known against the locked packages
	$(BIN)/python -m deploy.audit

runtime development:
	$(PYTHON) deploy/install.py $@
