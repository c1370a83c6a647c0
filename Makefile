# All commands run from a fresh clone: each sets up .venv first, if that is not done yet.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .venv/bin
COLLECTION := $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib") + "/ansible_collections/northflank/cloud")'
SCRIPTS := .ci/setup .ci/run .ci/sanity .ci/matrix .ci/copy .ci/pin
# What is installed in the user's home must not be checked in place of the checkout, nor logs be left there.
OWN_HOME := HOME="$(CURDIR)/.cache/home" ANSIBLE_HOME="$(CURDIR)/.cache/home/.ansible"
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test sandbox lint format types docs-check docs sanity matrix soak mutants bench pins build clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv with everything that development needs
	@.ci/setup

demo: setup ## Show the product: a playbook against the sandbox, in 20 seconds
	@$(BIN)/python tests/demo

test: setup ## Run all tests and print the coverage
	@mkdir -p .cache
	@$(BIN)/python -m pytest -n 2 --cov --cov-report=term

sandbox: setup ## Start the stand-in for the API on port 8642
	@$(BIN)/python tests/sandbox --port 8642

lint: setup ## Check style, shell scripts, documentation and the changelog
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/shellcheck $(SCRIPTS)
	@mkdir -p .cache/home
	cd "$$($(COLLECTION))" && $(OWN_HOME) ansible-lint --offline --profile production
	$(OWN_HOME) $(BIN)/antsibull-changelog lint
	cd "$$($(COLLECTION))" && $(OWN_HOME) antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .

format: setup ## Put the code into its form
	$(BIN)/ruff check --fix-only --select I .
	$(BIN)/ruff format .

types: setup ## Check types
	$(BIN)/mypy -p ansible_collections.northflank.cloud.plugins
	$(BIN)/mypy tests/sandbox tests/harness.py tests/demo tests/bench tests/mutants tests/unit tests/integration \
	    tests/conftest.py tests/messages.py .ci/docs_check.py docs/site

docs-check: setup ## Read the documentation of every plugin with ansible-doc
	$(BIN)/python .ci/docs_check.py

docs: setup ## Make the documentation site in .cache/docs/site, and check its links
	$(BIN)/python docs/site/build.py

sanity: setup ## Run ansible-test sanity on a clean copy
	.ci/sanity

matrix: setup ## Run the main job on old and new versions of ansible-core and Python
	.ci/matrix

soak: setup ## Draw 10,000 schedules of faults, other users and clocks (some minutes); SOAK_SCHEDULES says how many
	@SOAK_SCHEDULES=$${SOAK_SCHEDULES:-10000} $(BIN)/pytest -q -n auto tests/integration/soak

mutants: setup ## Break the code in one place at a time; each time, a test must notice
	@$(BIN)/python tests/mutants

bench: setup ## Measure how a set of addons starts
	@$(BIN)/python tests/bench

pins: setup ## Pin the dependencies anew, after they were changed in pyproject.toml
	.ci/pin

build: setup ## Build the collection's tarball into dist/
	@rm -rf dist && mkdir -p dist
	@tree=$$(mktemp -d) && trap 'rm -rf "$$tree"' EXIT && .ci/copy "$$tree" && \
	    ansible-galaxy collection build --output-path dist "$$tree/ansible_collections/northflank/cloud"

clean: ## Remove all that the commands have made
	rm -rf .venv .cache .hypothesis .coverage dist tests/output
	find . -name __pycache__ -prune -exec rm -rf {} +
