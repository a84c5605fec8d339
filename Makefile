# clientsmith: `make` alone shows this help. Every target sets the workspace up by itself.
.DEFAULT_GOAL := help
PYTHON ?= python3
RUN := .venv/bin/
.PHONY: help setup demo test test-all test-real affected gate fuzz lint types bench bench-generator docs lock client clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the workspace into .venv (needs only Python 3.11+ and pip)
	@$(PYTHON) tools/bootstrap.py

demo: setup ## a service, three devices, a client made from the live service: the whole road in under a minute
	@$(RUN)python examples/demo.py

test: setup ## the tests, in a few minutes
	@$(RUN)python -m tools.servers install placement ironic pypiserver proxpi simpleindex
	@CLIENTSMITH_SERVERS=.venv-servers $(RUN)pytest -q -m "not real and not slow" -n 3 --dist loadfile

test-all: setup ## the long suites as well, and the core on every Python there is
	@$(RUN)python -m tools.servers install placement ironic pypiserver proxpi simpleindex
	@CLIENTSMITH_SERVERS=.venv-servers $(RUN)pytest -q -m "not real" -n 3 --dist loadfile && $(RUN)python -m tools.pythons

test-real: setup ## tests against servers that nobody here wrote
	@$(RUN)python -m tools.servers install placement ironic kinto keystone nova glance pypiserver proxpi simpleindex devpi
	@CLIENTSMITH_SERVERS=.venv-servers $(RUN)pytest -q -m real --ignore packages/naas/tests/ui
	@$(RUN)pytest -q packages/naas/tests/ui

affected: setup ## the tests that the change since BASE needs, by default since the main branch
	@$(RUN)python -m tools.servers install placement ironic pypiserver proxpi simpleindex
	@CLIENTSMITH_SERVERS=.venv-servers PYTEST_ADDOPTS="-n 3 --dist loadfile" $(RUN)clientsmith affected $(if $(BASE),--base $(BASE)) --run

gate: setup ## every client against every server, tips and releases, each pair in an environment of its own
	@$(RUN)clientsmith gate

fuzz: setup ## feed the HTTP/1.1 codec what no server should send, for a minute
	@$(RUN)python packages/clientsmith-core/tests/fuzz/http1.py --seconds 60

lint: setup ## ruff, import contracts, the lock
	@$(RUN)ruff check . && $(RUN)ruff format --check . && $(RUN)lint-imports --no-logo && $(RUN)python tools/lock.py check

types: setup ## mypy --strict and pyright
	@$(RUN)mypy packages/*/src tools examples/demo.py && $(RUN)pyright

bench: setup ## the benchmarks; peers need .venv-bench, see benchmarks/README.md
	@$(RUN)python benchmarks/run.py

bench-generator: setup ## the generator's table: every document generated, called, type-checked, timed (a quarter of an hour)
	@$(RUN)python benchmarks/run.py generator

docs: setup ## write the reference pages that are made from the code
	@$(RUN)python tools/docs.py

client: setup ## generate naas-client again from the service's document
	@$(RUN)clientsmith generate --config packages/naas-client/clientsmith.toml

lock: setup ## resolve again and rewrite requirements.lock
	@$(RUN)python tools/lock.py update

clean: ## remove the environment and all caches
	rm -rf .venv .venv-* dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
