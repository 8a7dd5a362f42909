# The whole project from a fresh machine with Python 3.11 or newer: `make help` lists what there is.

PORT ?= 8000
DATA ?= var
ARGS ?=
TESTS ?=
# The system's own first: it is built with every optimisation, and one that was built by hand is often not.
PYTHON ?= $(firstword $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done) python3)
OCOP_KAFKA_PORT ?= 9092
UV_VERSION := 0.13.9
READY := .venv/.ready

# Apache Kafka's jars, fetched once; nothing where the operator names a broker.
KAFKA_VERSION := $(shell sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' deploy/kafka/pom.xml)
KAFKA_READY := $(if $(OCOP_KAFKA_BOOTSTRAP),,.kafka/$(KAFKA_VERSION)/.whole)

# Debian and Ubuntu keep a part of Python's venv in a package of its own.
DEBIAN_VENV = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv && $(PYTHON) -m venv --clear .venv; \
	else echo 'Python cannot make a virtual environment here; on Debian or Ubuntu: sudo apt-get install python3-venv' >&2; \
	exit 1; fi

# Each worker has a PostgreSQL and a Kafka of its own; what is made once for a file is made in one of them.
SIDE_BY_SIDE := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

# Whatever virtual environment the caller is in, ours is .venv; each of a dozen processes would compile all it imports anew.
unexport VIRTUAL_ENV PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := .venv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo kafka up-native test bench bench-long chaos image-check lint clean-demo

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/\1 /p' $(MAKEFILE_LIST) | awk '{ name = $$1; $$1 = ""; printf "make %-11s%s\n", name, $$0 }'
	@echo
	@echo 'PORT=$(PORT)  DATA=$(DATA)  ARGS=$(ARGS)   e.g. make demo PORT=8001 ARGS="--exit --json summary.json"'

setup: $(READY)  ## .venv from the lock file, with .venv/bin/ocop in it

demo: setup  ## plays a simulated season on the embedded PostgreSQL, then serves it on PORT; Ctrl-C ends it
	@exec .venv/bin/ocop demo --data "$(DATA)" --port "$(PORT)" $(ARGS)

up-native: setup kafka  ## Kafka, PostgreSQL, every house and the portal as processes of their own; ARGS=--demo plays the season
	@exec .venv/bin/ocop native --data "$(DATA)" --port "$(PORT)" --kafka-port "$(OCOP_KAFKA_PORT)" $(ARGS)

kafka: $(KAFKA_READY)  ## Apache Kafka with Maven, unless OCOP_KAFKA_BOOTSTRAP=HOST:PORT names a broker

test: setup kafka  ## every test that CI runs; TESTS="tests/store -k chain" names some of them
	@exec .venv/bin/pytest $(or $(TESTS),$(SIDE_BY_SIDE))

bench: setup kafka  ## each figure as a ratio to a named peer in the same run; the last line names the file
	@exec .venv/bin/python -m bench $(ARGS)

bench-long: setup kafka  ## a whole national year through separate processes
	@exec .venv/bin/python -m bench --long $(ARGS)

chaos: setup kafka image-check  ## the season killed again and again at random moments: takes minutes
	@exec .venv/bin/pytest -m chaos $(TESTS)

image-check: setup  ## builds the Dockerfile without a container engine and runs what is in it: takes minutes, needs root
	@exec .venv/bin/python -m deploy.image_check

lint: setup  ## style, import rules, the compose file
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-logo
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

clean-demo: setup  ## ends a PostgreSQL left over in DATA and removes DATA
	@exec .venv/bin/python -m ocop.erase "$(DATA)"

.kafka/%/.whole: deploy/kafka/pom.xml
	@deploy/kafka/fetch.sh "$(@D)"

$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Python 3.11 or newer is needed, and "$(PYTHON)" is not. Name another: make setup PYTHON=/path/to/python3' >&2; \
		exit 1; }
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { $(DEBIAN_VENV); }
	@test "$$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) || \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	.venv/bin/uv sync --quiet --frozen --inexact --python .venv/bin/python
	@touch $@
