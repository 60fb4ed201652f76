# Two commands: `make run` starts the product with demo data; `make test` checks everything.
# PYTHON names another interpreter, PORT another port.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
# How long `make fuzz` looks in each reader; how often and how long `make soak` kills and loads.
FUZZ_SECONDS ?= 600
SOAK_KILLS ?= 200
SOAK_MINUTES ?= 30
VENV := .venv
READY := $(VENV)/ready
READY_TO_TEST := $(VENV)/ready-to-test
BIN := $(VENV)/bin
PEERS := var/peers
export PYRADIOMICS_PYTHON ?= $(abspath $(wildcard $(PEERS)/pyradiomics/bin/python))
export SCIKIT_SURVIVAL_PYTHON ?= $(abspath $(wildcard $(PEERS)/scikit-survival/bin/python))
# What was compiled is kept, also where the environment says otherwise: each of our processes starts
# a second sooner.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint deploy/constraints.txt
# pip would compile what it installs on one core; here on all, less the packages' own tests. Some
# packages hold files for other versions of Python, which stops nobody.
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib riskapp imaging || true

.PHONY: peers upgrade overload soak fuzz run test check check-api describe-api fix bench pictures lighthouse check-fhir audit describe-packages clean
.DEFAULT_GOAL := run

run: $(READY)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@exec $(BIN)/python manage.py serve --demo --port $(PORT)

# What stores, looks up, searches and takes turns runs on PostgreSQL too, every page once, and the
# ways there and back; what mostly decodes scans need not.
ON_POSTGRESQL := tests/commands/test_migrations_back.py tests/commands/test_backup.py \
  tests/commands/test_worker_killed.py tests/web/test_crawl.py tests/api/test_fhir_search.py \
  tests/api/test_pages_of_lists.py tests/actions tests/test_databases.py \
  --ignore tests/actions/test_bombs.py --ignore tests/actions/test_comparing_scans.py \
  --ignore tests/actions/test_scoring.py --ignore tests/actions/test_density_over_time.py

# One thread for each worker. Files are taken up as they stand: those of few and long tests would
# come last otherwise, and leave cores with nothing to do.
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
ON_EVERY_CORE := $(BIN)/python -m pytest -q -n auto --max-worker-restart 0 --dist loadfile --no-loadscope-reorder

test: $(READY_TO_TEST) check
	@# Then the browser, whose event loop Django would refuse beside others.
	@$(THREADS) $(ON_EVERY_CORE) --ignore tests/browser
	@$(THREADS) $(ON_EVERY_CORE) tests/browser
	@$(THREADS) $(BIN)/python -m tests.postgres $(ON_EVERY_CORE) $(ON_POSTGRESQL)

# Many more requests made up from the description than in the suite; a quarter of an hour.
check-api: $(READY_TO_TEST)
	@TRABECULA_API_EXAMPLES=100 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/api/test_made_up_requests.py

# Writes docs/openapi.json, docs/problems.md and the examples anew; refuses what would break v1.
describe-api: $(READY_TO_TEST)
	@TRABECULA_DESCRIBE=1 $(BIN)/python -m pytest -q tests/api/test_examples.py
	@TRABECULA_DESCRIBE=1 $(BIN)/python -m pytest -q tests/api/test_fhir_described.py
	@TRABECULA_DESCRIBE=1 $(BIN)/python -m pytest -q tests/api/test_versions.py
	@TRABECULA_DESCRIBE=1 $(BIN)/python -m pytest -q tests/api/test_client.py -k fresh

# Looks for bytes that break a reader, FUZZ_SECONDS for each; what is found lies in var/fuzz/found.
fuzz: $(READY_TO_TEST)
	@$(BIN)/python -m tests.fuzz all --seconds $(FUZZ_SECONDS) --corpus var/fuzz/corpus --found var/fuzz/found

# Kills, fills, stops and loads whole sites for hours; writes docs/soak-figures.md. ONLY=load does
# one part; best with nothing else to do.
soak: $(READY_TO_TEST)
	@$(BIN)/python -m tests.soak --kills $(SOAK_KILLS) --minutes $(SOAK_MINUTES) $(if $(ONLY),--only $(ONLY)) \
	  --report docs/soak-figures.md

# Puts a new version beside an old one under load, behind nginx, and sends more than can be answered
# (docs/operation.md). OLD is a folder with the version before: git worktree add ../old COMMIT.
upgrade: $(READY_TO_TEST)
	@$(BIN)/python -m tests.operation.upgrade $(OLD)

overload: $(READY_TO_TEST)
	@$(BIN)/python -m tests.operation.overload

# Asks what is known of every pinned package, and holds the bill of materials and the table of
# licences; 3 where the service did not answer. `make describe-packages` writes both.
audit: $(READY_TO_TEST)
	@$(BIN)/python deploy/audit.py

describe-packages: $(READY_TO_TEST)
	@$(BIN)/python deploy/audit.py --write

# Checks never write; `make fix` does.
check: $(READY_TO_TEST)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run

fix: $(READY_TO_TEST)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Half an hour, best with nothing else to do, on one thread; writes docs/benchmarks.md.
# `make bench ONLY="cox_fit texture"` runs some again; `make peers` brings two that cannot be beside us.
bench: $(READY_TO_TEST)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks $(ONLY)

# Each in an environment of its own: one needs an older numpy, the other is GPL.
peers:
	@$(PYTHON) -m venv $(PEERS)/pyradiomics && $(PYTHON) -m venv $(PEERS)/scikit-survival
	@$(PEERS)/pyradiomics/bin/pip install --quiet "numpy<2" setuptools wheel SimpleITK PyWavelets \
		pykwalify six versioneer cython
	@$(PEERS)/pyradiomics/bin/pip install --quiet --no-build-isolation --no-deps pyradiomics
	@$(PEERS)/scikit-survival/bin/pip install --quiet scikit-survival

# Photographs every page into docs/pages and lists them in docs/pages.md.
pictures: $(READY_TO_TEST)
	@TRABECULA_PICTURES=1 $(BIN)/python -m pytest -q tests/browser/test_every_page.py

# Needs Node.js; fetches Lighthouse into var/ once and writes its table into docs/pages.md.
lighthouse: $(READY_TO_TEST)
	@$(BIN)/python -m tests.browser.lighthouse

# Needs Node.js; fetches FHIR R4's own definitions into var/ once and holds what leaves against them.
check-fhir: $(READY_TO_TEST)
	@$(BIN)/python -m tests.fhir

$(READY): pyproject.toml deploy/constraints.txt
	@sh deploy/require.sh python "$(PYTHON)"
	@echo "Installing into $(VENV); the first time takes a few minutes."
	@"$(PYTHON)" -m venv $(VENV)
	@# torch first and by itself, so that nothing else chooses another build of it
	@$(PIP) torch==2.13.0 || sh deploy/require.sh packages
	@$(PIP) --editable . || sh deploy/require.sh packages
	@$(COMPILE)
	@sh deploy/require.sh libraries $(BIN)/python
	@touch $@

$(READY_TO_TEST): $(READY)
	@$(PIP) --editable '.[test]' || sh deploy/require.sh packages
	@$(COMPILE)
	@sh deploy/require.sh chromium
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
