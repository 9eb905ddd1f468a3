# From a fresh machine to the demo, the tests and the checks. Every step names the files that it reads, so that a second
# run does nothing and a changed file rebuilds what depends on it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Elixir warns when the locale of the machine is not UTF-8.
export ELIXIR_ERL_OPTIONS ?= +fnu

# Folders are among them: their time changes when a file goes.
sources := $(shell find *.ts cli wast frontend ir beam-backend -type d -o -name '*.ts' ! -name '*.config.ts' -o -name '*.ohm')
shim := $(shell find erlang-shim/src -type d -o -name '*.[eh]rl' -o -name '*.app.src')
elixir := $(shell find erlang-shim/elixir -name _build -prune -o \( -type d -o -name '*.ex' -o -name '*.exs' \) -print)

system := .setup/system
languages := .setup/languages
packages := node_modules/.package-lock.json
dist := dist/.built
cells := erlang-shim/priv/otp27/wasm2beam_cells.beam
bundle := erlang-shim/priv/wasm2beam.mjs
application := _build/default/lib/wasm2beam/ebin/wasm2beam.app
elixir_application := erlang-shim/elixir/_build/dev/.built
fuzzer := build/fuzz/.built

.PHONY: build demo test test-all test-otp fuzz fuzz-selftest check check-node check-erlang check-elixir format clean bench bench-compile load
.DEFAULT_GOAL := build

build: $(dist) $(cells) $(bundle) $(application) $(elixir_application)

demo: build
	examples/demo.sh

# Ends with the line 'N passed, N failed'.
test: build $(languages)
	@node scripts/test.mjs

# And on the Core Erlang back end whatever erlc can take: all official tests, all C programs, the real modules.
test-all: build $(languages)
	@WASM2BEAM_TESTS=all node scripts/test.mjs

# The same on OTP 27 and 29, which are fetched into build/otp.
test-otp: build $(languages)
	scripts/test-otp.sh

# Random programs in V8 and in each back end, then damaged modules: `make fuzz SECONDS=60 SEED=n`, or PROGRAM=n for one again.
SECONDS ?= 60
SEED ?= 1
PROGRAM ?=
fuzz: $(fuzzer) $(application)
	node build/fuzz/tests/fuzz/main.js --seconds $(SECONDS) --seed $(SEED) $(if $(PROGRAM),--program $(PROGRAM))

# Plants faults in copies of the compiler and of the runtime; the fuzzer has a minute for each.
fuzz-selftest: $(fuzzer) $(application)
	node build/fuzz/tests/fuzz/selftest.js --seed $(SEED)

# Beside V8, interpreters, hand-written Erlang and a NIF host: tables, bench/results.json and docs/benchmark.svg.
# bench/run.sh --help lists the options for a part of it.
bench: build
	bench/run.sh --write $(BENCH)

# Of that only what compiling and loading cost, for real modules and for a generated one at 1 to 16 times its size.
bench-compile: $(packages)
	bench/run.sh --part compile

# Ten thousand instances alive, a thousand called at once, a million made and dropped: figures, and nothing may grow.
# LOAD="LIVE CALLERS CALLS MADE" for other numbers.
LOAD ?= 10000 1000 20 1000000
load: build
	@mkdir -p build/load
	bin/wasm2beam compile bench/load/load.wat -o build/load/load.beam
	escript bench/load/load.escript _build/default/lib/wasm2beam/ebin build/load $(LOAD)

check: check-node check-erlang check-elixir

check-node: $(packages)
	npx tsc --noEmit
	npx eslint --max-warnings 0 .
	npx prettier --check --log-level warn .

check-erlang: $(application)
	rebar3 xref
	rebar3 dialyzer

check-elixir: $(elixir_application)
	cd erlang-shim/elixir && mix format --check-formatted
	cd erlang-shim/elixir && MIX_ENV=test mix compile --force --warnings-as-errors

format: $(packages)
	npx prettier --write --log-level warn .
	cd erlang-shim/elixir && mix format

# Keeps what set-up installed and the OTP releases in build/otp.
clean:
	rm -rf dist _build build/fuzz build/fuzz-selftest build/test build/test-otp erlang-shim/priv/* erlang-shim/elixir/_build

# Set-up: the tools of the machine, then the packages of the project.

$(system): scripts/setup.sh scripts/wasi-compile.sh
	scripts/setup.sh
	@mkdir -p $(@D) && touch $@

# What programs of the tests are written in.
$(languages): scripts/setup.sh scripts/wasi-compile.sh
	scripts/setup.sh cpp rust go
	@mkdir -p $(@D) && touch $@

$(packages): package-lock.json | $(system)
	npm ci --no-audit --no-fund
	@touch $@

# The compiler; the part of the runtime that it assembles; the compiler as one file; the runtime, for Erlang and for Elixir.

$(dist): $(sources) $(packages) tsconfig.json tsconfig.build.json scripts/build.sh
	npm run --silent build
	@touch $@

$(fuzzer): $(sources) $(wildcard tests/fuzz/*) tests/frontend/binary.ts tests/numeric/operands.ts $(packages)
	npx tsc -p tests/fuzz
	cp frontend/*.ohm build/fuzz/frontend/
	@touch $@

$(cells): $(dist)
	node dist/beam-backend/cells-main.js erlang-shim/priv
	@touch $@

$(bundle): $(sources) $(packages) scripts/bundle.mjs
	node scripts/bundle.mjs $@

$(application): $(shim) rebar.config | $(cells) $(bundle) $(system)
	rebar3 compile
	@touch $@

$(elixir_application): $(shim) $(elixir) | $(cells) $(bundle) $(system)
	cd erlang-shim/elixir && MIX_ENV=dev mix compile
	@touch $@
