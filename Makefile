# One place for every task, on a laptop and in CI. `make help` lists them.
# What needs nothing but Python is in run.py, for systems without make, too.
PYTHON ?= python3
VENV ?= .venv
export TINYML_VENV := $(VENV)
BIN := $(VENV)/bin
RUN := $(PYTHON) run.py
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

.PHONY: help setup setup-light demo demo-light test tools tools-riscv tools-avr tools-pico \
	tools-browser tools-cpp tools-lint tools-bare bare pythons lint format bench cards clean

help: ## list every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

demo: ## all of it on an emulated board: train, compile, run, collect, report
	@$(RUN) demo

demo-light: ## the same from the shipped model, without TensorFlow
	@$(RUN) demo-light

test: ## every test, or TESTS=...
	@$(RUN) test $(TESTS)

setup: ## everything for work on the toolkit, TensorFlow included
	@$(RUN) setup

setup-light: ## everything but TensorFlow: run, build, collect, report
	@$(RUN) setup-light

# Nothing above needs these: where they are installed they are used. Apt is asked only where a
# program is missing: it needs a network and a password.
tools: ## install gcc for ARM and QEMU (Debian, Ubuntu; asks for the administrator)
	@if command -v arm-none-eabi-gcc && command -v qemu-system-arm && command -v gcc && \
	    [ -e "$$(arm-none-eabi-gcc -print-file-name=nano.specs)" ]; then :; \
	elif command -v apt-get; then $(APT) $(TOOLS); \
	else echo "'make tools' is for Debian and Ubuntu; 'tinyml doctor' says what to install here"; \
	    exit 1; fi >&2

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

tools-cpp: ## install the C++ compilers that exports to C++ are tried with (Debian, Ubuntu)
	@if command -v g++ && [ -e "$$(arm-none-eabi-g++ -print-file-name=libstdc++.a)" ]; then :; \
	else $(APT) g++ libstdc++-arm-none-eabi-newlib; fi >&2

tools-browser: ## install the browser that the tests read reports with (Debian)
	@if command -v chromium; then :; else $(APT) chromium; fi >&2

tools-lint: ## install what `make lint` needs beside Python's packages (Debian, Ubuntu)
	@if command -v cppcheck; then :; else $(APT) $(LINT_TOOLS); fi >&2

tools-bare: ## install what `make bare` needs (Debian, Ubuntu)
	@if command -v debootstrap; then :; else $(APT) debootstrap; fi >&2

bare: ## both of README's commands on minimal Debians 12 and 13 (needs root and debootstrap)
	tools/bare.sh bookworm full
	tools/bare.sh trixie full

pythons: ## the light path and its tests with every Python from 3.10 to 3.13 that is here
	$(PYTHON) -m tools.pythons $(TESTS_OF_PYTHONS)

lint: setup ## ruff, mypy, clang-format, cppcheck
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin
	$(BIN)/vermin --target=3.10- --violations --no-tips --quiet $(PYTHON_FOLDERS)
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)
	@command -v cppcheck >/dev/null || \
	    { echo "cppcheck is missing: 'make tools-lint' installs it" >&2; exit 1; }
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	    --suppress=missingIncludeSystem -I firmware/include -I firmware/kernels firmware

format: setup ## put all files into the project's format
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

bench: setup ## instructions, memory and flash of every model at hand
	$(BIN)/python -m tools.benchmarks

cards: setup-light ## the cards of models/, from their records and from costs counted on emulated boards
	$(BIN)/tinyml card models/*

clean: ## remove everything that can be made again
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
