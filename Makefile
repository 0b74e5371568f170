# Two commands: `make ask Q="…"` and `make test`. Both create .venv at first.
PYTHON ?= python3
Q ?= who vetoed the ceasefire?
export Q

# For Linux the package index has a torch for CUDA (2.7 GB to download, 4.8 GB on disk), PyTorch's own
# index one without (0.2 and 0.7). The install that follows keeps it: 2.13.0+cpu is a 2.13.0.
ifeq ($(shell uname),Linux)
define small_torch
	@.venv/bin/python -m pip install --quiet --no-deps --constraint constraints.txt torch \
	    --index-url https://download.pytorch.org/whl/cpu --timeout 10 --retries 0 2>/dev/null \
	    || echo "make: no torch from download.pytorch.org; the package index's, for CUDA, is larger" >&2
endef
endif

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
	$(small_torch)
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/installed-test: pyproject.toml constraints.txt | .venv/bin/python
	$(small_torch)
	.venv/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch .venv/installed $@

clean:
	rm -rf .venv .pullquote
