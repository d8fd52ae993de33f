# One tool chain for everyone: .venv is made from the pinned, hashed requirements.txt, and every target runs in it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
MAKEFLAGS += --no-print-directory
# Where the environment forbids it, every test process, server and command would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test test-long mutate check format docs bench lock clean

help: ## this page
	@echo "An event-sourced ledger for live multicam shoots. What can be done here:"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@echo "The first one makes .venv (a minute or two); nothing else is needed. PYTHON=python3.12 make ... chooses another Python."
	@echo "One test:          $(BIN)/pytest tests/domain -k favourite"
	@echo "A failing order:   $(BIN)/pytest --randomly-seed=N, with the N that the failing run printed"

demo: $(STAMP) ## a sample shoot: recorded, shown, exported
	@$(BIN)/ledger demo

# As many processes as the smallest machine has cores: a third costs more, with imports and servers of its own, than they ever wait.
# How tidy the house is make check looks.
test: $(STAMP) ## the quick suite, in random order
	@$(BIN)/pytest -n 2 --dist worksteal --ignore tests/test_tidy.py

test-long: $(STAMP) ## the slow guarantees as well: crashes, load, many random histories
	@$(BIN)/pytest -m "long or not long" --timeout 900

# It runs in an environment of its own on the packages of .venv, for its own dependencies are nobody else's.
mutate: $(STAMP) ## mutation testing of domain and log, half an hour; ONLY='ledger.log.tail*' for a part
	test -x build/mutmut/bin/mutmut || { $(BIN)/python -m venv build/mutmut && build/mutmut/bin/pip install --quiet 'mutmut==3.8.*'; }
	mkdir -p mutants/src
	PYTHONPATH=$(CURDIR)/mutants/src:$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
		build/mutmut/bin/mutmut run --max-children 2 $(if $(ONLY),'$(ONLY)')
	build/mutmut/bin/mutmut export-cicd-stats && cat mutants/mutmut-cicd-stats.json

check: $(STAMP) ## format, lint, types, import layers, tidiness: what a change must pass beside the tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q -m "long or not long" tests/test_tidy.py tests/guarantees/test_guarantees.py

format: $(STAMP) ## lay out the code and repair what ruff can
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

docs: $(STAMP) ## generate docs/rooms.md from the rooms' signs
	$(BIN)/python -m tools.rooms

bench: $(STAMP) ## how fast it is on this machine
	@$(BIN)/python -m bench

lock: ## pin the newest versions that pyproject.toml allows, with their hashes
	test -x build/lock/bin/pip-compile || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet pip-tools; }
	CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --upgrade --all-extras --generate-hashes --strip-extras \
		--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml
	sed -i.bak '/^production-ledger @/d' requirements.txt && rm requirements.txt.bak # its extras name each other; it is no pin

clean: ## remove everything that was made, .venv too
	rm -rf .venv build mutants dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench tools -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): requirements.txt pyproject.toml
	@rm -f $(STAMP)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is not Python 3.11 or newer; name one that is: PYTHON=python3.12 make ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "No virtual environment could be made; on Debian: apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)
