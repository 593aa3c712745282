# make demo and make test need only Python 3.11+ and make; they set up .venv by themselves.

PYTHON ?= python3
OUT ?= out
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt

.DEFAULT_GOAL := demo
.PHONY: demo test bench templates bundle clean

demo: $(VENV)/installed
	$(BIN)/beian build samples/chat-assistant -o $(OUT)

test: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal

bench: $(VENV)/developed
	$(BIN)/pytest -m bench tests/benchmarks -s

# After editing template.md: builds the Word files (pandoc comes with pypandoc_binary).
templates: $(VENV)/developed
	$(PIP) -e ".[templates]"
	PYTHONPATH=cli $(BIN)/python -m workshop style
	PYTHONPATH=cli $(BIN)/python -m workshop build

# After editing YAML under schemas/ or templates/: the one JSON file that is read at run time.
bundle: $(VENV)/installed
	$(BIN)/python -c "from beian import resources; (resources.shipped() / resources.BUNDLE).write_bytes(resources.make_bundle())"

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("beian needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/developed: $(VENV)/installed
	$(PIP) -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) out
