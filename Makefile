# All commands run from a fresh clone: each sets up .venv first, if that is not done yet.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .venv/bin
COLLECTION := $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib") + "/ansible_collections/northflank/cloud")'
SCRIPTS := $(addprefix .ci/,setup run contract fuzz ansible-test copy build pin rename galaxy execution-environment release tagged sign)
# More processes than most machines have cores, as many tests wait for programs, or for answers that never come.
PYTEST := $(BIN)/python -m pytest -n 4 --dist worksteal
# What is installed in the user's home must not be checked in place of the checkout, nor logs be left there.
OWN_HOME := HOME="$(CURDIR)/.cache/home" ANSIBLE_HOME="$(CURDIR)/.cache/home/.ansible"
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test pages worker spartan coverage sandbox live lint format types docs-check docs contract fuzz sanity integration matrix soak mutants house bench pins build clean
.PHONY: matrix-corners installed licences spelling galaxy execution-environment release sbom sign

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-24s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv with everything that development needs
	@.ci/setup

demo: setup ## Show the product: eight commands against the sandbox, one screen each
	@$(BIN)/python tests/tools/demo

test: setup ## Run all tests but those of the pages
	@$(PYTEST) -m "not pages"

pages: setup ## Do what each page of the documentation says, and look whether it comes out so
	@$(PYTEST) -m pages

worker: setup ## Run the tests of the modules through the action plugins, as tasks on the controller do
	@RUN_THROUGH=worker $(PYTEST) tests/wire

spartan: setup ## Run the tests of the modules and of the role against a server that leaves out all it may
	@SANDBOX_PROFILE=spartan $(PYTEST) tests/wire tests/programs/test_sequences.py \
	    tests/programs/test_role.py tests/programs/test_mirror_playbook.py tests/programs/test_drill_role.py

coverage: setup ## Run all tests, and print which lines they do not run
	@mkdir -p .cache
	@$(PYTEST) --cov --cov-report=term

sandbox: setup ## Start the stand-in for the API on port 8642
	@$(BIN)/python tests/sandbox --port 8642

live: setup ## Find out what the real API does with PROJECT=... ADDON=...: GETs only, but for WRITE=1
	@$(BIN)/python tests/live

lint: setup ## Check style, shell scripts, workflows, documentation and the changelog
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/zizmor --offline --quiet --persona pedantic .github
	@mkdir -p .cache/home
	cd "$$($(COLLECTION))" && $(OWN_HOME) ansible-lint --offline --profile production
	$(OWN_HOME) $(BIN)/antsibull-changelog lint
	cd "$$($(COLLECTION))" && $(OWN_HOME) antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .

format: setup ## Put the code into its form
	$(BIN)/ruff check --fix-only --select I .
	$(BIN)/ruff format .

types: setup ## Check types
	$(BIN)/mypy -p ansible_collections.northflank.cloud.plugins
	$(BIN)/mypy tests/conftest.py tests/sandbox tests/drift tests/live tests/support tests/tools tests/unit tests/wire tests/programs \
	    tests/soak tests/model tests/fuzz tests/integration/with_sandbox.py .ci/docs_check.py .ci/sbom.py docs/site

docs-check: setup ## Read the documentation of every plugin with ansible-doc
	$(BIN)/python .ci/docs_check.py

docs: setup ## Make the documentation site in .cache/docs/site, and check its links
	$(BIN)/python docs/site/build.py

contract: setup ## Let Schemathesis hold the sandbox against its contract, under both profiles
	@.ci/contract

sanity: setup ## Run ansible-test sanity on a clean copy
	.ci/ansible-test sanity

integration: setup ## Run the targets of ansible-test integration on a clean copy
	.ci/ansible-test integration

matrix: setup ## Run every supported ansible-core and Python (half an hour), and write docs/matrix.md
	$(BIN)/python tests/tools/matrix

matrix-corners: setup ## Run the main job on the oldest and the newest of them
	$(BIN)/python tests/tools/matrix 2.16 2.19 2.22 3.9 3.13
	$(BIN)/python tests/tools/matrix 2.16 plays

installed: setup ## Install the built collection where nothing else is, and do what the README says
	$(BIN)/python tests/tools/matrix 2.21 readme

soak: setup ## Draw 10,000 schedules of faults, other users and clocks (some minutes); SOAK_SCHEDULES says how many
	@SOAK_SCHEDULES=$${SOAK_SCHEDULES:-10000} $(BIN)/pytest -q -n auto tests/soak tests/model

fuzz: setup ## Draw inputs for the parsers, led by the lines that they reach; FUZZ_SECONDS says for how long (600)
	@.ci/fuzz

mutants: setup ## Break the code in one place at a time; each time, a test must notice
	@$(BIN)/python tests/tools/mutants

house: setup ## Draw the rooms for docs/architecture.md, and measure the ways through the code
	@$(BIN)/python tests/tools/house

bench: setup ## Measure what tasks cost, side by side; BENCH=--write writes docs/performance.md
	@$(BIN)/python tests/tools/bench $(BENCH)

pins: setup ## Pin the dependencies anew, after they were changed in pyproject.toml
	.ci/pin

licences: setup ## Check that each file has its licence, as REUSE asks
	@$(BIN)/reuse lint --lines

spelling: setup ## Look for common misspellings
	git ls-files -z | xargs -0 $(BIN)/codespell

galaxy: setup ## Let galaxy-importer judge the built collection
	.ci/galaxy

execution-environment: setup ## Let ansible-builder read what the collection needs
	.ci/execution-environment

release: setup ## Make the release of the version in galaxy.yml ready: all but publish
	.ci/release

sbom: setup ## Write the bill of materials of the tarball in dist/
	@$(BIN)/python .ci/sbom.py dist

sign: ## Sign the tarball in dist/ with your key, whose fingerprint is in SECURITY.md
	@.ci/sign

build: setup ## Build the collection's tarball into dist/
	@.ci/build dist

clean: ## Remove all that the commands have made
	rm -rf .venv .cache .hypothesis .coverage dist tests/output
	find . -name __pycache__ -prune -exec rm -rf {} +
