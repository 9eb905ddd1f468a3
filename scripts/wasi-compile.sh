#!/usr/bin/env bash
# Compiles one source file to a WASI command: wasi-compile.sh SOURCE OUTPUT. The language is told by the file's ending.
# Set-up asks by it whether a toolchain is complete, and tests use what set-up has found.
#   wasi-compile.sh --find rust|go   prints the compiler that it would use, or fails
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# COMPILER TARGET: the first one whose standard library for WASI is there. A rustc from elsewhere may come first on the
# path and lack it.
find_rust() {
  local compiler target folder
  for compiler in rustc /usr/bin/rustc; do
    for target in wasm32-wasip1 wasm32-wasi; do
      folder=$("$compiler" --print target-libdir --target "$target" 2>/dev/null) || continue
      compgen -G "$folder/libstd-*.rlib" >/dev/null || continue
      echo "$compiler $target"
      return
    done
  done
  return 1
}

# The Go compiler on the path, where it is 1.21 or newer, else the one that set-up has fetched.
find_go() {
  local compiler targets
  for compiler in go "$top/.setup/go/bin/go"; do
    targets=$("$compiler" tool dist list 2>/dev/null) || continue
    grep -qx wasip1/wasm <<<"$targets" || continue
    echo "$compiler"
    return
  done
  return 1
}

if [ "$1" = --find ]; then
  "find_$2"
  exit
fi

source=$1 output=$2
case $source in
  *.c) clang --target=wasm32-wasi -O2 -Wall -Werror -o "$output" "$source" -lm -lc-printscan-long-double ;;
  *.cpp)
    clang++ --target=wasm32-wasi -std=c++17 -O1 -Wall -Werror -fno-exceptions -o "$output" "$source" \
      -lc-printscan-long-double
    ;;
  *.rs)
    read -r rustc target < <(find_rust)
    "$rustc" --target "$target" --edition 2021 -O -C strip=debuginfo -o "$output" "$source"
    ;;
  *.go)
    # No other release than this one is fetched, whatever a go.mod above says.
    GO111MODULE=off GOTOOLCHAIN=local GOFLAGS='' GOOS=wasip1 GOARCH=wasm \
      "$(find_go)" build -o "$output" "$source"
    ;;
  *.as)
    # asc takes files named .ts alone, which the project's own checks would take for TypeScript, and only relative
    # paths for what its configuration names.
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp "$source" "$folder/program.ts"
    output=$(realpath "$output") source=$(realpath --relative-to "$top" "$folder/program.ts")
    cd "$top"
    node_modules/.bin/asc "$source" --config node_modules/@assemblyscript/wasi-shim/asconfig.json -O -o "$output"
    ;;
  *)
    echo "no compiler for $source" >&2
    exit 1
    ;;
esac
