# Everything is installed into the project's own .venv; nothing else on the machine is changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
URL ?=
QUICK ?=
ONLY ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help crawl test lint check bench quality clean

help:
	@echo "make crawl URL=https://example.com   crawl one page and print its Markdown"
	@echo "make test                            lint, types, import rules and the whole test suite"
	@echo "make lint                            lint, types and import rules only"
	@echo "make bench [QUICK=1] [ONLY=name]     measure against the peers"
	@echo "make quality [ONLY=name]             measure the Markdown and what is read of pages"
	@echo "make clean                           remove .venv and everything that was built"

# The two environments: one that crawls, and the same with the development tools.
$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "Missing: $(PYTHON). On Debian or Ubuntu: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Missing: Python 3.11 or newer ($(PYTHON) is $$($(PYTHON) -V 2>&1)). Name another with PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null || { rm -rf $(VENV); echo "Missing: the venv module. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml
	@echo "Installing Nephila into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --editable . || { echo "The installation failed; see above. It needs a connection to a Python package index."; exit 1; }
	@touch $@

$(VENV)/.developing: $(VENV)/.installed
	@echo "Installing the development tools into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --editable '.[dev]' || { echo "The installation failed; see above. It needs a connection to a Python package index."; exit 1; }
	@touch $@

crawl: $(VENV)/.installed
	@test -n "$(URL)" || { echo "Say which page: make crawl URL=https://example.com"; exit 2; }
	@$(BIN)/nephila crawl "$(URL)"

lint: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint

# A Chromium for the tests: the one that is there, else Playwright's, else Debian's package.
$(VENV)/.browser: $(VENV)/.developing
	@$(BIN)/python -c 'from nephila.fetch.browser.find import find_browser; find_browser("")' 2>/dev/null \
		|| $(BIN)/python -m playwright install chromium >&2 \
		|| { test "$$(id -u)" = 0 && apt-get update -q >&2 && apt-get install -y -q chromium >&2; } \
		|| { echo "No Chromium could be installed: the browser tests are skipped." >&2; exit 0; }
	@touch $@

# What failed is run once more, by itself: a clock missed on a busy machine passes then, a fault fails again.
test: lint $(VENV)/.browser
	$(BIN)/pytest || $(BIN)/pytest --last-failed --last-failed-no-failures none

bench: $(VENV)/.developing
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

quality: $(VENV)/.developing
	$(BIN)/python -m benchmarks.quality $(if $(ONLY),--only $(ONLY))

clean:
	rm -rf $(VENV) .bench build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
