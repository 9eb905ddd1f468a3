#!/usr/bin/env bash
# Runs an Erlang/OTP release that is not installed, from build/otp/RELEASE, fetching it first where it is missing.
#
#   scripts/otp.sh 27 -noshell -eval 'halt().'    runs erl of that release
#   scripts/otp.sh 27                             prints the path of its erl, for WASM2BEAM_ERL
#
# The packages come from a newer suite of the machine's own Debian mirror and are unpacked, not installed: apt works on
# a private state folder, and every program starts through the unpacked libc, as the installed one is too old for it.
set -euo pipefail

die() {
  echo "otp.sh: $*" >&2
  exit 1
}

release=${1:-}
case $release in
  27) suite=trixie ;;
  29) suite=sid ;;
  *) die "usage: scripts/otp.sh 27|29 [ARG ...]" ;;
esac
shift

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
home=$root/build/otp/$release

# Erlang, eunit with its header for the tests of the runtime, its applications for hashes, HTTP, tracing and profiling, and
# the libraries that the virtual machine opens.
packages=(erlang-base erlang-dev erlang-eunit erlang-crypto erlang-public-key erlang-asn1 erlang-ssl erlang-inets
  erlang-runtime-tools erlang-tools
  libc6 libgcc-s1 libsctp1 libssl3t64 libstdc++6 libtinfo6 libzstd1 zlib1g)

# What erlexec starts from $BINDIR, each behind a wrapper; the node asks for epmd, which the tests of distribution start.
programs=(erlexec beam.smp erl_child_setup inet_gethost epmd)

# The mirror that serves this machine's own Debian release.
debian_mirror() {
  local codename
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016 # the dollars are apt's
  apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
    awk -v codename="$codename" '$2 == codename && $3 == "main" && !found { print $1; found = 1 }'
}

# Downloads the packages into DIRECTORY/debs.
download() {
  local directory=$1 mirror
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  command -v apt-get dpkg >/dev/null || die "OTP $release is fetched from Debian packages; this is no Debian"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "no Debian mirror is configured in /etc/apt"
  mkdir -p "$directory"/{debs,lists/partial,cache/archives/partial}
  : >"$directory/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$directory/sources.list"
  local apt=(apt-get -q -o "Dir::State=$directory" -o "Dir::State::status=$directory/status"
    -o "Dir::Cache=$directory/cache" -o "Dir::Etc::sourcelist=$directory/sources.list"
    -o Dir::Etc::sourceparts=/dev/null -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  "${apt[@]}" update
  (cd "$directory/debs" && "${apt[@]}" download "${packages[@]}")
}

# Writes DIRECTORY/bin/NAME, which runs PROGRAM of the unpacked release. The folders are found again at every start, so
# that the checkout may move.
write_wrapper() {
  local directory=$1 name=$2 loader=$3 libraries=$4 program=$5
  cat >"$directory/bin/$name" <<EOF
#!/bin/sh
here=\$(cd "\$(dirname "\$(readlink -f "\$0")")/.." && pwd -P)
exec "\$here/$loader" --library-path "\$here/$libraries" "\$here/$program" "\$@"
EOF
  chmod +x "$directory/bin/$name"
}

# Unpacks into a folder beside the final one and renames it: an interrupted run leaves nothing half made.
fetch() {
  local new=$home.new archive
  rm -rf "$new"
  mkdir -p "$new/apt" "$new/root" "$new/bin"
  download "$new/apt"
  for archive in "$new"/apt/debs/*.deb; do dpkg -x "$archive" "$new/root"; done
  rm -rf "$new/apt"

  local loader libraries folder
  loader=$(cd "$new" && find root -name 'ld-linux*.so.*' -type f | head -n 1)
  libraries=$(dirname "$loader")
  folder=$(cd "$new" && echo root/usr/lib/erlang/erts-*/bin)
  [ -n "$loader" ] || die "the packages of $suite hold no dynamic loader"
  [ -x "$new/$folder/beam.smp" ] || die "the packages of $suite hold no virtual machine"
  local name
  for name in "${programs[@]}"; do
    write_wrapper "$new" "$name" "$loader" "$libraries" "$folder/$name"
  done
  cat >"$new/bin/erl" <<'EOF'
#!/bin/sh
here=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd -P)
export ROOTDIR="$here/root/usr/lib/erlang" BINDIR="$here/bin" EMU=beam PROGNAME=erl
unset ERL_LIBS
exec "$BINDIR/erlexec" "$@"
EOF
  chmod +x "$new/bin/erl"
  echo "${packages[*]} ${programs[*]}" >"$new/packages"
  rm -rf "$home"
  mv "$new" "$home"
}

# Fetched again when a list above has changed.
[ "$(cat "$home/packages" 2>/dev/null)" = "${packages[*]} ${programs[*]}" ] || fetch >&2
if [ $# -eq 0 ]; then
  echo "$home/bin/erl"
else
  exec "$home/bin/erl" "$@"
fi
