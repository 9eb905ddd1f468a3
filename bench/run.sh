#!/usr/bin/env bash
# Compiles the benchmark together with the compiler as it is now, and runs it: bench/run.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Types are checked by `make check`.
npx tsc -p bench/tsconfig.json --noCheck
cp frontend/*.ohm build/bench/js/frontend/
exec node build/bench/js/bench/run.js "$@"
