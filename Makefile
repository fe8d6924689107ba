# `make run` measures this machine, `make test` checks the project. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
# .venv is our own, so the extra `score` replaces nothing in it;
# where an NVIDIA GPU answers, TensorFlow comes with its CUDA libraries
ifeq ($(shell nvidia-smi -L >/dev/null 2>&1 && echo yes),yes)
  EXTRAS := score,gpu
else
  EXTRAS := score
endif

# these tests wait for processes more than they compute, and run beside the rest
PROCESSES := tests/cli tests/run tests/plugin

.PHONY: run setup test test-long test-fast coverage lint style benchmark docs format clean

setup: .venv/installed

run: .venv/installed
	$(BIN)/bench run suites/cnn.yaml

test: .venv/installed-dev style
	@$(BIN)/python -m pytest -m 'not long' $(PROCESSES) & processes=$$!; \
	$(BIN)/mypy & types=$$!; \
	$(BIN)/python -m pytest -m 'not long' tests $(PROCESSES:%=--ignore %); rest=$$?; \
	wait $$types; types=$$?; wait $$processes && exit $$((rest + types))

# what takes ten seconds or more each
test-long: .venv/installed-dev
	$(BIN)/python -m pytest -m long

test-fast: .venv/installed-dev
	$(BIN)/python -m pytest -m 'not slow'

# takes twice the time, so it is no part of `make test`
coverage: .venv/installed-dev
	$(BIN)/python -m pytest tests $(PROCESSES:%=--ignore %) --cov

lint: style
	$(BIN)/mypy

style: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

benchmark: .venv/installed-dev
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only

docs: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed, and this is {}.{}; name one with: make PYTHON=python3.13".format(*sys.version_info))'
	$(PYTHON) -m venv .venv

.venv/installed: setup.cfg pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	touch $@

.venv/installed-dev: setup.cfg pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS),dev]'
	touch .venv/installed $@
