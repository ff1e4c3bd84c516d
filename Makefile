# Everything runs from .venv, made from the hash-locked files in requirements/. Nothing here asks a question or
# needs a terminal. Works with GNU make 3.81, which macOS still carries.

SHELL := /bin/bash
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Wheels only: nobody should need a compiler or Fortran to publish figures.
INSTALL := $(PIP) install --quiet --require-hashes --only-binary :all:
UV ?= uv
LOCK := $(UV) pip compile pyproject.toml --no-config --quiet --universal --python-version 3.11 \
	--only-binary :all: --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--fork-strategy fewest
# Three at a time, on two cores as well: tests wait for browsers and for programs. Those of one file stay together, as
# they share what was made for them.
PYTEST := $(BIN)/python -m pytest --numprocesses 3 --dist loadfile
STRICT_SITE := .candour/strict-site
# The theme announces its own end (May 2027) at every build; the design already provides for it.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help site serve test test-slow bench screenshots lock clean distclean setup

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

site: setup ## Build the demonstration publication into site/
	$(BIN)/candour build --site-dir site
	@echo "The site is in site/. To look at it: make serve, or any static file server, such as"
	@echo "  python3 -m http.server --directory site"

serve: setup ## Serve the demonstration publication, with reload
	$(BIN)/candour serve

# pytest comes last, so that its closing line ends the output.
test: .venv/.dev ## Run every check and every test but the slow ones
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy generator tests tools
	$(BIN)/lint-imports
	@rm -rf $(STRICT_SITE)
	$(BIN)/mkdocs build --strict --site-dir $(STRICT_SITE)
	@chromium=$$(tools/ensure_chromium.sh) && CHROMIUM="$$chromium" CANDOUR_DEMONSTRATION=$(STRICT_SITE) $(PYTEST) -m "not slow"

# Exit code 5, no such test, is no failure.
test-slow: .venv/.dev ## Run the long suites
	@chromium=$$(tools/ensure_chromium.sh) && { CHROMIUM="$$chromium" $(PYTEST) -m slow || test $$? -eq 5; }

bench: .venv/.dev ## Print the benchmark table
	$(BIN)/python tests/benchmarks/run.py

screenshots: .venv/.dev ## Take a picture of every page type, into screenshots/
	$(BIN)/candour build --site-dir site
	@chromium=$$(tools/ensure_chromium.sh) && CHROMIUM="$$chromium" $(BIN)/python tools/screenshots.py

# One version for every Python (--fork-strategy fewest): two people with different ones publish the same bytes.
# To take newer versions: make lock LOCK_OPTIONS=--upgrade
lock: ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo "Locking needs uv: install it with 'pipx install uv', or say where it is: make lock UV=..." >&2; exit 1; }
	$(LOCK) $(LOCK_OPTIONS) --group build --output-file requirements/site.txt
	$(LOCK) $(LOCK_OPTIONS) --group dev --constraints requirements/site.txt --output-file requirements/dev.txt

clean: ## Remove what was built, and every cache
	rm -rf site .candour screenshots dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find generator tests tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## Remove .venv as well
	rm -rf .venv

setup: .venv/.site ## Set up .venv for building, without the developers' tools
	@:

# The stamps. dev.txt contains site.txt, so whoever has the former need not install the latter again.
.venv/.site: .venv/.created requirements/site.txt pyproject.toml
	@echo "Installing requirements/site.txt into .venv"
	@$(INSTALL) -r requirements/site.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.created requirements/dev.txt requirements/site.txt pyproject.toml
	@echo "Installing requirements/dev.txt into .venv"
	@$(INSTALL) -r requirements/dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch .venv/.site $@

.venv/.created:
	@$(FIND_PYTHON); \
	echo "Creating .venv with $$python"; \
	"$$python" -m venv --clear .venv
	@touch $@

# Sets $$python: $(PYTHON) if given, else the newest that is recent enough, preferring one that can make a
# virtual environment. Candidates are run, not only looked up: version managers put stubs on the path.
define FIND_PYTHON
python=; for needs in venv,ensurepip sys; do \
	for candidate in $(if $(PYTHON),"$(PYTHON)",python3.14 python3.13 python3.12 python3.11 python3 python); do \
		if [ -z "$$python" ] && "$$candidate" -c "import $$needs, sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; then python=$$candidate; fi; \
	done; \
done; \
if [ -z "$$python" ]; then \
	echo "Candour needs Python 3.11 or newer, and found none$(if $(PYTHON), at $(PYTHON))." >&2; \
	echo "Install one (Debian: apt-get install python3-venv; macOS: brew install python), or say where it is: make PYTHON=/path/to/python3" >&2; \
	exit 1; \
fi; \
if ! "$$python" -c "import venv, ensurepip" 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	echo "Installing python$$version-venv"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && apt-get install -y -qq "python$$version-venv" >/dev/null </dev/null || true; \
fi; \
if ! "$$python" -c "import venv, ensurepip" 2>/dev/null; then \
	echo "$$python has no venv or ensurepip module, so it cannot create .venv." >&2; \
	echo "On Debian and Ubuntu: apt-get install python3-venv (as root). Or name another Python: make PYTHON=/path/to/python3" >&2; \
	exit 1; \
fi
endef
