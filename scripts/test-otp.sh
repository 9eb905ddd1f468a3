#!/usr/bin/env bash
# Runs the tests that start Erlang nodes, and the runtime's own, on OTP 27 and 29. Each release compiles the runtime and
# its tests itself and may not warn: files of OTP 25 need not load on 29. Ends with status 0 only if all tests pass.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Compiles the Erlang sources into FOLDER, which becomes a code path with the application, and runs eunit there.
run_eunit() {
  local erl=$1 folder=$2
  rm -rf "$folder"
  mkdir -p "$folder/wasm2beam/ebin" "$folder/tests"
  cp _build/default/lib/wasm2beam/ebin/wasm2beam.app "$folder/wasm2beam/ebin/"
  cp -R erlang-shim/priv "$folder/wasm2beam/"
  "$erl" -noshell -pa "$folder/wasm2beam/ebin" -pa "$folder/tests" -eval '
    Compile = fun(Pattern, Out) ->
        Options = [report, warnings_as_errors, debug_info, {outdir, Out}],
        [compile:file(File, Options) || File <- filelib:wildcard(Pattern)]
    end,
    Modules = Compile("erlang-shim/src/*.erl", "'"$folder"'/wasm2beam/ebin"),
    Tests = Compile("tests/shim/*.erl", "'"$folder"'/tests"),
    Compiled = Tests =/= [] andalso not lists:member(error, Modules ++ Tests),
    Passed = Compiled andalso eunit:test([Test || {ok, Test} <- Tests]) =:= ok,
    halt(case Passed of true -> 0; false -> 1 end).'
}

status=0
for release in 27 29; do
  echo "== OTP $release"
  erl=$(scripts/otp.sh "$release") || exit 1
  run_eunit "$erl" "build/test-otp/$release" || status=1
  WASM2BEAM_ERL=$erl WASM2BEAM_EBIN=$PWD/build/test-otp/$release/wasm2beam/ebin npx vitest run </dev/null || status=1
done
exit "$status"
