#!/usr/bin/env bash
# Makes sure that tools are there: Node, and those that are named, by default what the project is built and tried with:
# Erlang/OTP, Elixir, rebar3, a C compiler for Wasm. The tests need C++, Rust and Go as well: setup.sh cpp rust go.
# On Debian and its derivatives what is missing is installed from the distribution's packages; elsewhere, and where that
# is not enough, a message says what to install. Node is never installed: Debian 12 has none that is new enough.
set -euo pipefail

readonly node_needed=20 otp_needed=25 go_fetched=1.22.12
[ $# -gt 0 ] || set -- erlang elixir rebar3 clang
readonly tools=("$@")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One probe for each tool. Elixir and rebar3 depend on all parts of OTP that they and the checks need.
probe_erlang() { command -v erl && [ "$(otp_release)" -ge "$otp_needed" ]; }
probe_elixir() { command -v elixir && command -v mix; }
probe_rebar3() { command -v rebar3; }
# Compiler, linker, C library and compiler runtime all take part in linking one program.
probe_clang() { compiles c 'int main(void) { return 0; }'; }
probe_cpp() { compiles cpp '#include <string>
  int main(int argc, char **) { return std::to_string(argc).size() == 1 ? 0 : 1; }'; }
probe_rust() { compiles rs 'fn main() {}'; }
probe_go() { "$top/scripts/wasi-compile.sh" --find go; }

# Whether a program becomes a command for WASI.
compiles() {
  local ending=$1 text=$2 folder status=0
  folder=$(mktemp -d)
  printf '%s\n' "$text" >"$folder/probe.$ending"
  "$top/scripts/wasi-compile.sh" "$folder/probe.$ending" "$folder/probe.wasm" || status=1
  rm -rf "$folder"
  return "$status"
}

otp_release() { erl -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().'; }

packages_for() {
  case $1 in
    erlang) echo erlang-base ;;
    elixir) echo elixir ;;
    rebar3) echo rebar3 ;;
    clang) echo clang lld wasi-libc libclang-rt-dev-wasm32 ;;
    cpp) echo clang lld libc++-dev-wasm32 libclang-rt-dev-wasm32 ;;
    rust) echo rustc libstd-rust-dev-wasm32 lld ;;
    go) echo golang-go ca-certificates ;;
  esac
}

description_of() {
  case $1 in
    erlang) echo "Erlang/OTP $otp_needed or newer, with dialyzer, eunit and tools" ;;
    elixir) echo 'Elixir 1.14 or newer' ;;
    rebar3) echo 'rebar3' ;;
    clang) echo 'clang and lld with the target wasm32-wasi: wasi-libc and the compiler runtime for wasm32' ;;
    cpp) echo 'libc++ for the target wasm32-wasi' ;;
    rust) echo 'rustc with the standard library for wasm32-wasip1 or wasm32-wasi' ;;
    go) echo 'Go 1.21 or newer' ;;
  esac
}

# The names of the tools whose probe fails.
missing_tools() {
  local tool
  for tool in "${tools[@]}"; do
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

# Debian 12's Go knows no WASI, but it can fetch a newer one, which its checksum database vouches for.
fetch_go() {
  local system modules=$top/.setup/go-modules found
  system=$(go env GOHOSTOS)-$(go env GOHOSTARCH)
  echo "Fetching Go $go_fetched"
  GO111MODULE=on GOFLAGS=-modcacherw GOMODCACHE=$modules \
    go mod download "golang.org/toolchain@v0.0.1-go$go_fetched.$system" || return
  found=$modules/golang.org/toolchain@v0.0.1-go$go_fetched.$system
  # A module's files are not executable.
  chmod -R a+x "$found/bin" "$found/pkg/tool"
  rm -rf "$modules/cache"
  ln -sfn "$found" "$top/.setup/go"
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
  if [[ " ${missing[*]} " == *' go '* ]] && ! probe_go >/dev/null; then fetch_go || true; fi
  mapfile -t missing < <(missing_tools)
fi
if [ ${#missing[@]} -gt 0 ]; then
  report_missing "${missing[@]}"
  exit 1
fi
