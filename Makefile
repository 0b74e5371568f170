# Two commands: `make ask Q="…"` and `make test`. Both create .venv at first.
PYTHON ?= python3
Q ?= who vetoed the ceasefire?
export Q

.PHONY: ask test check clean

ask: .venv/installed
	@.venv/bin/pullquote index >&2
	@.venv/bin/pullquote ask -- "$$Q"

test: .venv/installed-test
	.venv/bin/python -m pytest

check: .venv/installed-test
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/installed-test: pyproject.toml constraints.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch .venv/installed $@

clean:
	rm -rf .venv .pullquote
