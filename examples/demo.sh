#!/usr/bin/env bash
# Compiles a C program to WebAssembly, that to a BEAM module, and calls it from Erlang and from Elixir.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A failure is shown by its message alone.
export ERL_CRASH_DUMP_SECONDS=0

# Prints a command as one would type it, and runs it.
show() {
  printf '\n$'
  for word in "$@"; do
    [[ "$word" =~ [^[:alnum:]_./,=+-] ]] && printf " '%s'" "$word" || printf ' %s' "$word"
  done
  printf '\n'
  "$@"
}

runtime=_build/default/lib/wasm2beam/ebin
elixir_runtime=erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin
folder=build/demo
mkdir -p "$folder"

show clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o "$folder/template.wasm" examples/template.c
show bin/wasm2beam compile "$folder/template.wasm" -o "$folder/template.beam"
ls -l "$folder" | awk 'NR > 1 { printf "%9d bytes  %s\n", $5, $9 }'

show erl -noshell -pa "$runtime" "$folder" -eval '{ok, _} = file:script("examples/template.script"), halt().'
show elixir -pa "$elixir_runtime" -pa "$folder" examples/template.exs
