# Needs python3 (3.10 or newer) and make; everything else is installed into .venv and by npm.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRA ?= test
FRONT_END := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
	labextension/package.json labextension/package-lock.json
# tests/conftest.py says which files come first.
BY_FILE := --dist loadfile --no-loadscope-reorder
# Two files of tests run at a time.
SIDE_BY_SIDE ?= -n 2 $(BY_FILE)
# These wait for servers, kernels and pages half of the time.
WAITING ?= -n 3 $(BY_FILE)
# What the tests install besides stays out of the demo and of JupyterLab.
export JUPYTER_CONFIG_PATH := $(CURDIR)/tests/jupyter
# For one of them, in full: make bench BENCH="delivery --large 10000 --stall 60"
BENCH ?=

.PHONY: demo lab docs test checks soak bench screenshots lint unit integration e2e front-end clean

help:
	@echo "make demo   run the main job: record a notebook, export it, verify the ZIP"
	@echo "make lab    open JupyterLab with the demo notebook"
	@echo "make test   run every check"
	@echo "make docs   build the documentation into artefacts/docs"
	@echo "make bench  measure, side by side with peers"
	@echo "make soak   run the long tests"
	@echo "make screenshots  take the pictures of README and docs anew"

$(VENV)/.stamp: pyproject.toml hatch_build.py $(FRONT_END)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRA)]"
	touch $@

demo: $(VENV)/.stamp
	$(BIN)/python binder/run_demo.py

docs: $(VENV)/.stamp
	$(BIN)/python -m sphinx -W --keep-going -n -q -d artefacts/doctrees docs artefacts/docs
	@echo "artefacts/docs/index.html"

lab: $(VENV)/.stamp
	$(BIN)/jupyter lab --notebook-dir binder binder/demo.ipynb

test: checks unit integration e2e

# What looks at the code only, of both languages at once.
checks: $(VENV)/.stamp
	$(MAKE) --jobs 2 lint front-end

lint: $(VENV)/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

front-end: $(VENV)/.stamp
	$(BIN)/python tests/front_end.py

unit: $(VENV)/.stamp
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/unit tests/contracts

integration: $(VENV)/.stamp
	$(BIN)/python tests/programs.py curl unzip 7z bsdtar jar java
	$(BIN)/python -m tests.hub.proxy
	$(BIN)/python -m pytest $(WAITING) tests/integration

e2e: $(VENV)/.stamp
	$(BIN)/python tests/programs.py chromium
	$(BIN)/python -m tests.hub.proxy
	$(BIN)/python -m pytest $(WAITING) tests/e2e

bench: EXTRA := bench
bench: $(VENV)/.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[bench]"
	$(BIN)/python -m benchmarks $(BENCH)

soak: $(VENV)/.stamp
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/unit tests/contracts -m hypothesis \
		--hypothesis-profile soak --timeout 3000
	$(BIN)/python -m pytest tests -m soak

screenshots: $(VENV)/.stamp
	$(BIN)/python tests/programs.py chromium tree unzip
	$(BIN)/python -m tools.screenshots

clean:
	rm -rf $(VENV) build dist artefacts labextension/node_modules labextension/lib tests/hub/node_modules jupyter_session_export/labextension
