# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ROOMS := src tests bench
# Three for two cores: tests wait for browsers, servers and databases half of their time.
WORKERS ?= 3
# In the order of the folders: the journeys, which take longest, come first and nobody waits for them at the end.
TOGETHER = $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install system demo test check check-all drills bench lock messages

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

system: ## Debian packages: browser, fonts, pango (installs them as root, otherwise names them)
	@./.ci/system

$(STAMP): requirements.lock pyproject.toml $(wildcard src/karmayogi/web/locale/*/LC_MESSAGES/*.po)
	@./.ci/system
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing $$(grep -cE '^[a-z]' requirements.lock) packages, pinned with hashes"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/pybabel -q compile -D django -d src/karmayogi/web/locale
	@touch $(STAMP)

install: $(STAMP) ## the environment in .venv

demo: install ## build the public service in miniature and serve it
	@$(BIN)/karmayogi demo

test: check ## everything that is quick: checks, units, worked examples, browser journeys
	@$(TOGETHER) -m "not drill" tests --ignore=tests/architecture --ignore=tests/security

check: install ## style, types, import contract, architecture, access matrix, planted bugs
	@$(BIN)/ruff check $(ROOMS)
	@$(BIN)/ruff format --check $(ROOMS)
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(TOGETHER) -m "not drill" tests/architecture tests/security

check-all: check ## the full grid of pages: 3 languages x 3 widths x 2 schemes
	@KARMAYOGI_GRID=full $(TOGETHER) tests/journeys/test_pages.py tests/journeys/test_pages_work.py

drills: install ## long: kills, large files, new examples of properties, real data end to end
	@$(BIN)/pytest -m drill tests
	@KARMAYOGI_NEW_EXAMPLES=1 $(TOGETHER) -m "not drill" $$(grep -rl "from hypothesis" tests --include="test_*.py")
	@$(BIN)/karmayogi loop --real

bench: install ## each prints a table and one line of JSON
	@for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

messages: install ## collect the words of templates and code into the .po files
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F babel.cfg -k gettext_noop -k gettext_lazy -k ngettext_lazy:1,2 \
	  -k pgettext_lazy:1c,2 --add-location file --sort-by-file -w 110 --project Karmayogi --version 1 \
	  -o build/django.pot src/karmayogi
	@$(BIN)/pybabel -q update -D django -i build/django.pot -d src/karmayogi/web/locale \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 110

lock: ## pin every package with its hashes; no address of any index is written
	@$(BIN)/uv pip compile pyproject.toml --extra dev --extra embedded --generate-hashes --python-version 3.11 \
	  --no-header --no-emit-index-url --no-emit-find-links -q -o requirements.lock
