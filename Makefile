# The course's commands. `make help` lists them.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
ORIGINALS ?=
LESSON ?= 1
CHOSEN := $(if $(filter file,$(origin LESSON)),,$(LESSON))
LAB_OPTIONS ?=
RUN_AS ?=
CORES ?= Prescott Nehalem Sandybridge Haswell Zen SkylakeX
THREADS ?= 1 2
AVX512 := X86_V4 AVX512_ICL AVX512_SPR
CLASS_INSTALLED := $(VENV)/class-installed
CLUSTER_INSTALLED := $(VENV)/cluster-installed
BOOK_INSTALLED := $(VENV)/book-installed
SITE_INSTALLED := $(VENV)/site-installed
SITE_WHEELS := $(VENV)/site-wheels
SLIDES_INSTALLED := $(VENV)/slides-installed
NBVAL := $(RUN) -m pytest --nbval notebooks --nbval-cell-timeout=240

# A virtual environment does not survive being moved: make it anew where the folder has moved.
ifneq ($(shell cat $(INSTALLED) 2>/dev/null),$(CURDIR))
.PHONY: $(INSTALLED)
endif

.PHONY: help lab present slides book site test test-browser solutions assignment grade refresh feedback bench \
  sweep comparison one-epoch determinism lint lock clean
.DEFAULT_GOAL := help

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

lab: $(INSTALLED)  ## open your own copy of the lessons in JupyterLab; ORIGINALS=1 for authors
	@$(if $(ORIGINALS),,$(RUN) tools/workspace.py notebooks my_lessons)
	$(RUN) tools/lab.py $(if $(ORIGINALS),notebooks,my_lessons) $(LAB_OPTIONS)

present: $(INSTALLED)  ## open a lesson for showing it live: LESSON=4
	@$(RUN) tools/workspace.py notebooks my_lessons
	$(RUN) tools/lab.py my_lessons $(LAB_OPTIONS) \
	  --LabApp.default_url=/doc/tree/$(notdir $(wildcard notebooks/$(LESSON)_*.ipynb notebooks/0$(LESSON)_*.ipynb))

slides: $(SLIDES_INSTALLED)  ## write the lessons as slides; CHECK=1 lists those that do not fit
	$(RUN) tools/slides.py $(if $(CHECK),--check) $(wildcard notebooks/$(NOTEBOOK)*.ipynb)

book: $(BOOK_INSTALLED)  ## write the lessons as a web book, into the folder book
	$(RUN) tools/book.py

site: $(SITE_INSTALLED)  ## write lessons as a web site that runs them; COMPLETE=1 needs no network
	$(RUN) tools/lite.py $(if $(COMPLETE),--complete)

test: $(INSTALLED)  ## run every test, and every notebook against its stored outputs
	OPENBLAS_NUM_THREADS=1 $(RUN) -m pytest tests --numprocesses=2 --dist=worksteal
	OPENBLAS_NUM_THREADS=1 $(NBVAL) --numprocesses=2 --dist=loadscope

test-browser: $(SLIDES_INSTALLED) $(BOOK_INSTALLED) $(SITE_INSTALLED)  ## run the lessons in Chromium; needs playwright and a few minutes
	$(RUN) -m pytest tests/test_browser.py tests/test_slides.py tests/test_book.py \
	  tests/test_site.py --browser

solutions: $(INSTALLED)  ## write solved copies of the lessons, for instructors
	$(RUN) tools/solve.py notebooks solutions

assignment: $(CLASS_INSTALLED)  ## make an nbgrader assignment, in the folder class: LESSON=04
	@$(RUN) tools/assignment.py "$(CHOSEN)"

grade: $(CLASS_INSTALLED)  ## grade what is in class/submitted, write class/grades.csv; LESSON=04
	@$(RUN) tools/grade.py --lesson "$(CHOSEN)" --run "$(RUN_AS)"

refresh: $(INSTALLED)  ## run the notebooks and store their outputs; one of them: NOTEBOOK=05
	$(RUN) tools/refresh.py $(NOTEBOOK)

feedback: $(INSTALLED)  ## try wrong answers, see what is said to them: LESSON=4 DETAILS=1
	OPENBLAS_NUM_THREADS=1 $(RUN) tools/feedback.py

bench: $(INSTALLED)  ## compare speed and memory with PyTorch and scikit-learn
	$(RUN) tools/benchmark.py

sweep: $(CLUSTER_INSTALLED)  ## try sizes, learning rates, weight decays; SCHEDULER=tcp://... on a cluster
	$(RUN) tools/sweep.py $(if $(SCHEDULER),--scheduler $(SCHEDULER))

comparison: $(INSTALLED)  ## train lesson 7's large networks and store what they reach; a quarter of an hour
	$(RUN) tools/comparison.py

one-epoch: $(INSTALLED)  ## train lesson 11's network with PyTorch and with ours, store what they reach
	$(RUN) tools/one_epoch.py

determinism: $(INSTALLED)  ## run the notebooks as on other processors, with 1 and 2 threads; CORES, THREADS
	@for core in $(CORES); do \
	  case $$core in SkylakeX) newer=;; Haswell|Zen) newer="$(AVX512)";; *) newer="X86_V3 $(AVX512)";; esac; \
	  export OPENBLAS_CORETYPE=$$core NPY_DISABLE_CPU_FEATURES="$$newer"; \
	  for threads in $(THREADS); do \
	    export OPENBLAS_NUM_THREADS=$$threads; \
	    workers="--numprocesses=2 --dist=loadscope"; [ $$threads = 1 ] || workers=; \
	    $(RUN) tools/blas.py && $(NBVAL) --quiet $$workers || exit 1; \
	  done; \
	done

lint: $(INSTALLED)  ## check the style of code and notebooks
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

lock: $(INSTALLED)  ## renew the locked versions from the ranges in pyproject.toml
	$(RUN) -m pip install --quiet uv
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --fork-strategy fewest --python-version 3.11 --extra test --no-header --no-annotate \
	  pyproject.toml --output-file requirements.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --python-version 3.11 --group pyproject.toml:slides --no-deps --no-header --no-annotate \
	  --output-file tools/slides.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --python-version 3.11 --group pyproject.toml:site-wheels --no-deps \
	  --constraints requirements.lock \
	  --no-header --no-annotate --output-file tools/site-wheels.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --fork-strategy fewest --python-version 3.11 --group pyproject.toml:site \
	  --constraints requirements.lock \
	  --no-header --no-annotate --output-file tools/site.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --fork-strategy fewest --python-version 3.11 --group pyproject.toml:book \
	  --constraints requirements.lock \
	  --no-header --no-annotate --output-file tools/book.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --fork-strategy fewest --python-version 3.11 --extra cluster pyproject.toml \
	  --constraints requirements.lock \
	  --no-header --no-annotate --output-file tools/cluster.lock
	$(RUN) -m uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --fork-strategy fewest --python-version 3.11 --extra class pyproject.toml \
	  --constraints requirements.lock \
	  --no-header --no-annotate --output-file tools/class.lock

clean:  ## remove what was installed
	rm -rf $(VENV)

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or newer, and $(PYTHON) is not."; \
	  echo "Name another one: make lab PYTHON=python3.12"; exit 1; }
	@echo "Installing into $(VENV), once. This takes a minute or two."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.lock
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@echo "$(CURDIR)" > $(INSTALLED)

# Without what these packages need to build other documents: their own files are enough.
$(SLIDES_INSTALLED): tools/slides.lock $(INSTALLED)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  -r tools/slides.lock
	@touch $(SLIDES_INSTALLED)

$(BOOK_INSTALLED): tools/book.lock $(INSTALLED)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r tools/book.lock
	@touch $(BOOK_INSTALLED)

# And the wheels that the site holds, whatever machine this is.
$(SITE_INSTALLED): tools/site.lock tools/site-wheels.lock $(INSTALLED)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r tools/site.lock
	@rm -rf $(SITE_WHEELS)
	@$(RUN) -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
	  --only-binary=:all: --platform=any --python-version=3.11 \
	  -r tools/site-wheels.lock --dest $(SITE_WHEELS)
	@touch $(SITE_INSTALLED)

$(CLUSTER_INSTALLED): tools/cluster.lock $(INSTALLED)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r tools/cluster.lock
	@touch $(CLUSTER_INSTALLED)

$(CLASS_INSTALLED): tools/class.lock $(INSTALLED)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r tools/class.lock
	@touch $(CLASS_INSTALLED)
