#!/usr/bin/env bash
# Runs the tests that start Erlang nodes, and the runtime's own, on OTP 27 and 29. The runtime is the one that the
# installed release compiled, as a user's may be. Ends with status 0 only if all tests pass on both.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly tests=build/test-otp

compile_tests() {
  rm -rf "$tests"
  mkdir -p "$tests"
  erlc -o "$tests" -I erlang-shim/include tests/shim/*.erl
}

run_eunit() {
  "$1" -noshell -pa _build/default/lib/wasm2beam/ebin -pa "$tests" -eval '
    Modules = [list_to_atom(filename:basename(File, ".beam")) || File <- filelib:wildcard("'"$tests"'/*_tests.beam")],
    halt(case Modules =/= [] andalso eunit:test(Modules) of ok -> 0; _ -> 1 end).'
}

compile_tests || exit 1
status=0
for release in 27 29; do
  echo "== OTP $release"
  erl=$(scripts/otp.sh "$release") || exit 1
  run_eunit "$erl" || status=1
  WASM2BEAM_ERL=$erl npx vitest run </dev/null || status=1
done
exit "$status"
