# Everything runs in the project's own environment; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help crawl test lint check bench quality clean

help:
	@echo "make crawl URL=https://example.com   crawl one page and print its Markdown"
	@echo "make test                            lint, types, import rules and the whole test suite"
	@echo "make lint                            lint, types and import rules only"
	@echo "make bench [QUICK=1]                 measure against the peers"
