PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test test-long check bench clean

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=24"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test,check]"
	touch $@

demo: $(VENV)/.ready
	$(BIN)/shall demo --out demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest

test-long: $(VENV)/.ready
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/mypy && $(PYTHON) -m venv --without-pip build/mypy
	$(BIN)/python -m mypy
	$(BIN)/shall lint

bench: $(VENV)/.ready
	$(BIN)/python tests/bench.py

clean:
	rm -rf $(VENV) build demo *.egg-info
