# The one door. `make demo` and `make test` do all of their own setting up.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help demo test check format lock assets clean

help:  ## what can be asked for
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -t -s "$$(printf '\t')"

demo: $(VENV)/.installed  ## set everything up, run the whole loop on Harbourside and serve it
	@$(BIN)/concord demo --port $(PORT) || [ $$? -eq 130 ]  # Ctrl-C is how it is meant to end

test: $(VENV)/.installed-dev  ## every check and every test
	@scripts/test

check: $(VENV)/.installed-dev  ## style, types, floors, partnership folders, migrations, generated documents
	@scripts/check

format: $(VENV)/.installed-dev  ## put the code in the house's style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock:  ## renew requirements*.txt from pyproject.toml (needs uv)
	@scripts/lock

assets:  ## rebuild the style sheets and scripts of the screens (needs Node 20)
	@frontend/build.sh

clean:  ## remove what was installed and what the demo made
	rm -rf $(VENV) .concord

$(VENV)/.installed: requirements.txt pyproject.toml
	@scripts/install requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml
	@scripts/install requirements-dev.txt
	@touch $@ $(VENV)/.installed
