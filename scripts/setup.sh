#!/usr/bin/env bash
# Makes sure that everything the project runs on is there: Node, Erlang/OTP, Elixir, rebar3, and a C compiler for Wasm.
# On Debian and its derivatives what is missing is installed from the distribution's packages; elsewhere, and where that
# is not enough, a message says what to install. Node is never installed: Debian 12 has none that is new enough.
set -euo pipefail

readonly node_needed=20 otp_needed=25

# One probe for each tool. Elixir and rebar3 depend on all parts of OTP that they and the checks need.
probe_erlang() { command -v erl && [ "$(otp_release)" -ge "$otp_needed" ]; }
probe_elixir() { command -v elixir && command -v mix; }
probe_rebar3() { command -v rebar3; }
# Compiler, linker, C library and compiler runtime all take part in linking one program.
probe_clang() {
  local program
  program=$(mktemp)
  echo 'int main(void) { return 0; }' | clang --target=wasm32-wasi -x c -o "$program" - && rm -f "$program"
}

otp_release() { erl -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().'; }

packages_for() {
  case $1 in
    erlang) echo erlang-base ;;
    elixir) echo elixir ;;
    rebar3) echo rebar3 ;;
    clang) echo clang lld wasi-libc libclang-rt-dev-wasm32 ;;
  esac
}

description_of() {
  case $1 in
    erlang) echo "Erlang/OTP $otp_needed or newer, with dialyzer, eunit and tools" ;;
    elixir) echo 'Elixir 1.14 or newer' ;;
    rebar3) echo 'rebar3' ;;
    clang) echo 'clang and lld with the target wasm32-wasi: wasi-libc and the compiler runtime for wasm32' ;;
  esac
}

# The names of the tools whose probe fails.
missing_tools() {
  local tool
  for tool in erlang elixir rebar3 clang; do
    "probe_$tool" >/dev/null 2>&1 || echo "$tool"
  done
}

require_node() {
  local found=none
  if command -v node >/dev/null && command -v npm >/dev/null; then
    found=$(node -p 'process.versions.node')
    [ "${found%%.*}" -lt "$node_needed" ] || return 0
  fi
  echo "wasm2beam needs Node.js $node_needed or newer with npm (found: $found)." >&2
  echo 'Install it from https://nodejs.org and run make again.' >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  echo "Installing with apt-get: $*"
  as_root apt-get -q update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

report_missing() {
  local tool
  {
    echo 'wasm2beam needs, and did not find:'
    for tool in "$@"; do echo "  - $(description_of "$tool")"; done
    echo 'Install these and run make again (on Debian 12, as root or with sudo, make installs them itself).'
  } >&2
}

can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }
}

require_node
mapfile -t missing < <(missing_tools)
if [ ${#missing[@]} -gt 0 ] && can_install; then
  packages=()
  for tool in "${missing[@]}"; do
    read -ra needed <<<"$(packages_for "$tool")"
    packages+=("${needed[@]}")
  done
  # What apt-get itself prints says why it failed; the list of what is still missing follows.
  install_packages "${packages[@]}" || true
  mapfile -t missing < <(missing_tools)
fi
if [ ${#missing[@]} -gt 0 ]; then
  report_missing "${missing[@]}"
  exit 1
fi
