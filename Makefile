# One place for every task, on a laptop and in CI. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
TOOLS := gcc libc6-dev gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
BOOT_LOADERS := /usr/share/arduino/hardware/arduino/avr/bootloaders
# For AVR boards: compiler, emulator, flasher, and the boot loaders that Arduinos are sold with.
AVR_TOOLS := gcc-avr avr-libc qemu-system-misc simavr libsimavr-dev libelf-dev avrdude arduino-core-avr
LINT_TOOLS := cppcheck
APT = $(SUDO) apt-get update -q && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends
C_FILES := $(shell find firmware tinyml tests -name '*.[ch]' -not -path '*/_bundled/*')
PYTHON_FOLDERS := tinyml tools tests
TESTS ?= tests

.PHONY: help setup setup-light tools tools-riscv tools-avr tools-pico tools-browser demo demo-light test lint format bench cards clean

help: ## list every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

setup: tools $(VENV)/.dev ## everything for work on the toolkit, TensorFlow included

setup-light: tools $(VENV)/.light ## everything but TensorFlow: run, build, collect, report

# apt is asked only where a program is missing: it needs a network and a password.
tools: ## install the compiler and the emulator (Debian, Ubuntu)
	@if command -v arm-none-eabi-gcc && command -v qemu-system-arm && command -v gcc && \
	    $(PYTHON) -c 'import ensurepip' && \
	    [ -e "$$(arm-none-eabi-gcc -print-file-name=nano.specs)" ]; then :; \
	elif command -v apt-get; then $(APT) $(TOOLS) python3-venv; \
	else echo "install these first (or ask 'tinyml doctor'): $(TOOLS)"; exit 1; fi >&2

tools-riscv: ## install what RISC-V boards need (Debian, Ubuntu)
	@if command -v riscv64-unknown-elf-gcc && command -v qemu-system-riscv32; then :; \
	else $(APT) gcc-riscv64-unknown-elf qemu-system-misc; fi >&2

tools-avr: ## install what AVR boards need (Debian, Ubuntu)
	@if command -v avr-gcc && command -v simavr && command -v avrdude && \
	    command -v qemu-system-avr && [ -e /usr/include/simavr/sim_avr.h ] && \
	    [ -e $(BOOT_LOADERS) ]; then :; else $(APT) $(AVR_TOOLS); fi >&2

tools-pico: ## install the Pico's emulator, a package for Node.js
	@command -v npm >/dev/null || { $(APT) nodejs npm; } >&2
	npm install --no-audit --no-fund --prefix "$${XDG_CACHE_HOME:-$$HOME/.cache}/tinyml" rp2040js@1.4.1 >&2

tools-browser: ## install the browser that the tests read reports with (Debian)
	@if command -v chromium; then :; else $(APT) chromium; fi >&2

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.light: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

$(VENV)/.train: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[train]'
	touch $@ $(VENV)/.light

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.train $(VENV)/.light

demo: tools $(VENV)/.train ## all of it on an emulated board: train, compile, run, collect, report
	$(BIN)/tinyml demo

demo-light: setup-light ## the same from the shipped model, without TensorFlow
	$(BIN)/tinyml demo --pretrained

test: setup ## every test
	$(BIN)/python -m pytest -n auto --dist worksteal -q $(TESTS)

lint: setup ## ruff, mypy, clang-format, cppcheck
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin
	$(BIN)/vermin --target=3.10- --violations --no-tips --quiet $(PYTHON_FOLDERS)
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)
	@command -v cppcheck >/dev/null || { $(APT) $(LINT_TOOLS); } >&2
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem -I firmware/include -I firmware/kernels firmware

format: setup ## put all files into the house's format
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

bench: setup ## instructions, memory and flash of every model at hand
	$(BIN)/python -m tests.bench

cards: setup-light ## the cards of models/, from their records and from costs counted on emulated boards
	$(BIN)/tinyml card models/*

clean: ## remove everything that can be made again
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
