# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOURS ?=
SWITCH ?= H2PLANT_DISABLE_JIT
# on all cores; tests that share a fixture of their file stay together (tests/conftest.py)
SIDE_BY_SIDE := -n auto --maxprocesses 8 --dist loadgroup

.PHONY: run test suite quick test-oldest test-without-jit test-browser lint types validate soak bench bench-many bench-compare bench-dashboard docs site lock licences sbom audit-deps sdist clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "h2plant needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	touch $@

run: $(VENV)/.installed  ## the reference plant over the real year Netherlands 2023, minute by minute
	$(BIN)/python main.py test_full_year

test: $(VENV)/.installed lint  ## linters, types and the whole test suite, on all cores
	$(MAKE) --no-print-directory -j 2 types suite
	$(BIN)/python -m benchmarks.compare_release --short

suite: $(VENV)/.installed
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

quick: $(VENV)/.installed lint types  ## while you work: linters, types, cases, laws and the short tests
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow and not long" tests/cases tests/laws tests/house tests/unit

test-oldest: $(VENV)/.installed-oldest  ## the suite with the oldest libraries that pyproject.toml admits
	$(VENV)/oldest/bin/python -m pytest $(SIDE_BY_SIDE)

$(VENV)/.installed-oldest: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(VENV)/oldest
	$(VENV)/oldest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-oldest.txt -e '.[test]'
	touch $@

test-without-jit: $(VENV)/.installed  ## cases and laws with kernels as plain Python; SWITCH=NUMBA_DISABLE_JIT the other way
	$(SWITCH)=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/cases tests/laws

test-browser: $(VENV)/.installed  ## report and dashboard in Chromium, which must be there (Debian: apt-get install chromium)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[browser]'
	$(BIN)/python -m pytest tests/browser -rs

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.installed
	$(BIN)/mypy

validate: $(VENV)/.installed  ## tables, engines against each other, balances, step sizes, all kinds as device code: minutes
	$(BIN)/h2plant validate
	$(BIN)/python -m pytest -m slow

soak: $(VENV)/.installed  ## drawn plants and weathers, a thousand of each plant near its own and over all bounds; 50 kills; 100,000 wrong files; 13,000 flips
	$(BIN)/python -m benchmarks.soak --list $(if $(DRAWS),--draws $(DRAWS))
	$(BIN)/python -m benchmarks.kills --kills 50
	$(BIN)/python -m benchmarks.fuzz $(if $(INPUTS),--inputs $(INPUTS))
	H2PLANT_FLIPS=$(or $(FLIPS),250) $(BIN)/python -m pytest tests/unit/test_damage.py tests/unit/test_damage_everywhere.py

bench: $(VENV)/.installed  ## speed and memory, as ratios taken in one run
	$(BIN)/python -m benchmarks

bench-many: $(VENV)/.installed  ## thousands of plant-years: threads, cores, Dask workers, as ratios taken in one run
	$(BIN)/python -m benchmarks.many $(if $(PLANT_YEARS),--plant-years $(PLANT_YEARS))

bench-compare: $(VENV)/.installed  ## the compiled loop against that of the last release
	$(BIN)/python -m benchmarks.compare_release

bench-dashboard: $(VENV)/.installed  ## 50 clients at the dashboard for 30 s
	$(BIN)/python -m benchmarks.dashboard

docs: $(VENV)/.installed  ## pictures and component pages
	$(BIN)/python -m docs.build

site: $(VENV)/.installed  ## the documentation as a site with search: open site/index.html (with --quiet, --strict would see nothing)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

lock: constraints.txt  ## requirements.lock anew: what constraints.txt pins, with the hash of each file (needs an index)
	$(PYTHON) -m supply.tool $(VENV)/lock 'pip-tools>=7.4'
	$(VENV)/lock/bin/python -m supply.lock

licences: $(VENV)/.installed  ## each package with its licence; fails at one that is not known or not allowed
	$(BIN)/python -m supply.licences

sbom: $(VENV)/.installed  ## the bill of materials, CycloneDX
	$(BIN)/python -m supply.sbom dist/h2plant.cdx.json

audit-deps: $(VENV)/.installed  ## known faults of the pinned packages, where an index serves them
	$(PYTHON) -m supply.tool $(VENV)/audit 'pip-audit>=2.7'
	$(VENV)/audit/bin/python -m supply.audit

sdist: $(VENV)/.installed  ## the source archive, compared with the repository, and a short test from it alone
	$(PYTHON) -m supply.tool $(VENV)/build build
	$(VENV)/build/bin/python -m build --sdist --outdir dist .
	$(BIN)/python -m supply.archive dist/h2plant-*.tar.gz

clean:
	rm -rf $(VENV) build site dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
