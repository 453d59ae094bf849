# Set-up, tests and the demo of Ratchet; `make` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.SILENT:

BIN := .venv/bin
READY := .venv/ready
# Every process of the tests would compile our sources anew.
unexport PYTHONDONTWRITEBYTECODE
export RATCHET_STATE_DIR ?= $(CURDIR)/.work/state

help: ## list the targets
	sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(READY) ## virtual environment, locked requirements, a sandbox engine
	.ci/setup.sh engine

demo: setup ## fix a failing test of a sample repository, proof included
	.ci/with-engine any .ci/demo.sh

test: $(READY) ## everything that must hold before a merge (at most 15 minutes)
	.ci/with-engine all .ci/test.sh

test-long: $(READY) ## the rest: fuzz, kill and soak runs; records its last green commit
	.ci/with-engine all .ci/test-long.sh

bench: $(READY) ## print the figures of docs/BENCHMARKS.md
	.ci/with-engine all .ci/bench.sh

screenshots: $(READY) ## pictures of the main screens of the TUI into docs/images
	$(BIN)/python -m tests.tui.screenshots docs/images

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## let ruff rewrite the sources
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY) ## resolve the requirements anew, with hashes and without addresses
	.ci/lock.sh

clean: ## remove what the set-up and the tests made here
	[ ! -d .work ] || chmod -R u+rwX .work
	rm -rf .venv .work .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml .ci/setup.sh
	.ci/setup.sh python
	touch $(READY)

.PHONY: help setup demo test test-long bench screenshots lint format lock clean
