#!/usr/bin/env bash
# Puts together the package for Hex in build/hex: the Elixir project with the runtime's sources, its priv folder with the
# bundled compiler, and the documents, as one folder without links. `mix hex.publish` is run there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly package=build/hex
rm -rf "$package"
mkdir -p "$package/docs"
cp -R erlang-shim/elixir/lib erlang-shim/elixir/mix.exs erlang-shim/src erlang-shim/priv erlang-shim/rebar "$package"
cp -R docs/guides docs/wasi.md docs/fuel.md docs/limits.md "$package/docs"
cp README.md CHANGELOG.md LICENSE "$package"
