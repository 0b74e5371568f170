# Two commands: `make ask Q="…"` and `make test`. Both create .venv at first.
PYTHON ?= python3
Q ?= who vetoed the ceasefire?
export Q

.PHONY: ask test check bench-check clean

ask: .venv/installed
	@.venv/bin/pullquote index >&2
	@.venv/bin/pullquote ask -- "$$Q"

test: .venv/installed-test
	.venv/bin/python -m pytest -n auto --dist loadgroup

check: .venv/installed-test
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy

# Not part of `test`: it compares speeds, and wants a machine that does nothing else.
bench-check: .venv/installed-test
	.venv/bin/python -m bench.check

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
