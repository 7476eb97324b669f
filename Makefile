# Two commands do everything on a fresh machine: `make demo` and `make test`. Each installs what it needs into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-long test-oracles bench precision docs size stubs format clean

demo: .venv/demo.ok  ## gradients of a real network against the documents' hand-derived formulas
	$(BIN)/python -m tinygrad_lite verify --out out --html out/report.html

# two workers share two cores, on which more threads of BLAS would wait for each other
test test-long test-oracles: export OMP_NUM_THREADS = 1

test: .venv/test.ok  ## lint, types, tests, doctests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n 2 --dist worksteal -m "not oracle and not long"

test-long: .venv/test.ok  ## sweeps that take minutes
	$(BIN)/pytest -q -n 2 --dist worksteal -m long

test-oracles: .venv/oracles.ok  ## the comparisons with PyTorch and JAX
	$(BIN)/pytest -q -n 2 --dist worksteal -m oracle

bench: .venv/bench.ok  ## speed and memory beside other libraries, measured here and now
	$(BIN)/python -m benchmarks

precision: .venv/oracles.ok  ## derivatives beside the true ones, of this library, PyTorch and JAX, into benchmarks/
	$(BIN)/python -m benchmarks.precision

size:  ## lines of Python in each room
	@for room in $$(dirname tinygrad_lite/*/__init__.py); do \
	  printf '%6d  %s\n' "$$(find $$room -name '*.py' -exec cat {} + | wc -l)" "$$room"; \
	done | sort -rn

stubs: .venv/test.ok  ## the table's functions as type checkers see them, from the registry
	$(BIN)/python -m docs.signatures

docs: .venv/docs.ok  ## the manual, into out/site
	$(BIN)/python -m docs

format: .venv/test.ok
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

.venv/demo.ok: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[verify,draw,proofs]'
	@touch $@

.venv/test.ok: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[verify,draw,proofs,reading,sklearn,plot,cluster,fast]' --group test
	@touch $@

.venv/oracles.ok: pyproject.toml | .venv/test.ok
	$(BIN)/python -m pip install --quiet --group oracles
	@touch $@

.venv/docs.ok: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[verify,proofs,reading,cluster]' --group docs
	@touch $@

.venv/bench.ok: pyproject.toml | .venv/test.ok
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@
