#!/usr/bin/env bash
# Builds the plug-ins and the game, and plays it: run.sh plays a game to its end; run.sh test runs the tests; run.sh play
# lets you play: w, a, s, d and return.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD/../..
export ELIXIR_ERL_OPTIONS=${ELIXIR_ERL_OPTIONS:-+fnu}

mkdir -p wasm _build
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wall -Werror -Wno-unused-function -o wasm/rules.wasm plugins/rules.c
# The compiler of AssemblyScript wants files that end in .ts.
cp plugins/mind.as _build/mind.ts
(cd _build && node "$root/node_modules/assemblyscript/bin/asc.js" mind.ts -O --use abort=mind/abort \
  --path "$root/node_modules" --outFile ../wasm/mind.wasm)

case ${1:-} in
  test) exec mix test ;;
  play) exec mix run -e 'Game.CLI.play()' ;;
  *) exec mix run -e 'Game.CLI.demo()' ;;
esac
