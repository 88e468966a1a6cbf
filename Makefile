# Two commands matter: `make up` and `make test`. Everything else is for those who build.

python := .venv/bin/python
bootstrap := deploy/local/bootstrap.sh
stack := PYTHONPATH=deploy/local $(python) -m stack $(if $(test),--test) $(if $(base),--base $(base))
services := $(patsubst services/%/pyproject.toml,%,$(wildcard services/*/pyproject.toml))

# Only names, versions and hashes are written: no address, no path of the machine that compiles.
# The chassis comes from its folder, so that nobody asks an index for a package of ours.
compile := printf -- '-e ./chassis\n' | .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-package xiaoke-chassis

.DEFAULT_GOAL := help
.PHONY: help up down status logs env test long faults bench events token load api migration service lock lint

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { gsub(/\$$\$$/, "$$", $$2); printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## the whole suite on this machine, in .local/ (base=20000: its first port)
	@$(bootstrap)
	@$(stack) up

down: ## end everything that `make up` started
	@$(stack) down

status: ## what runs, on which ports, and whether it is well
	@$(stack) status

logs: ## the log of one part: s=leads
	@$(stack) logs $(s)

env: ## addresses for a shell: eval "$$(make -s env)"
	@$(stack) env

test: ## everything, on a stack of its own (args="-k leads", base=20400, keep=1 leaves the stack up)
	@$(bootstrap)
	@XIAOKE_KEEP=$(keep) $(stack) test $(args)

long: ## the tests that need volume
	@$(bootstrap)
	@XIAOKE_KEEP=$(keep) $(stack) test -m long $(args)

faults: ## two minutes of killed, frozen and cut off processes under load (seconds=120, seed=N, base=20600)
	@$(bootstrap)
	@PYTHONPATH=deploy/local:tools:tests/journeys:tests/faults $(python) -m faults \
		$(if $(seconds),--seconds $(seconds)) $(if $(seed),--seed $(seed)) $(if $(base),--base $(base))

bench: ## ratios against the bare parts, in CPU per request
	@$(python) -m bench

events: ## what waits in a service's inbox, and more: s=leads do="parked" (docs/runbooks/events.md)
	@$(stack) events $(s) $(do)

token: ## an access token of a person: as=wangfang or as=wangfang@CORP
	@$(python) tools/sign_in.py $(as)

load: ## send a spreadsheet of leads through the gateway: file=leads.xlsx as=wangfang
	@$(python) tools/load.py $(file) --as $(as)

api: ## write api/http, api/permissions.json from the code
	@$(python) tools/api.py

migration: ## a new migration from what the models say: s=leads m="leads have a region"
	@$(stack) draft $(s) "$(m)"

service: ## a new service with every room it needs: name=customers
	@$(python) tools/service.py $(name)

lock: ## pin every package by version and hash, for all and for each service
	@$(compile) - requirements.in $(wildcard services/*/pyproject.toml sandbox/pyproject.toml) \
		--output-file requirements.lock
	@set -e; for service in $(services); do \
		$(compile) - services/$$service/pyproject.toml --constraint requirements.lock \
			--output-file services/$$service/requirements.lock; \
	done

lint: ## style, types and import rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
