#!/usr/bin/env bash
# What a new user does, from an empty directory: `mix new`, the steps of docs/guides/getting-started.md for a path
# dependency, a C program compiled by clang, and a call with a host function.
#
#     tests/projects/new-user.sh EMPTY_DIRECTORY [PATH_OF_THE_DEPENDENCY]
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly checkout directory=$1 dependency=${2:-$checkout/erlang-shim/elixir}
[ -z "$(ls -A "$directory")" ] || { echo "$directory is not empty" >&2; exit 1; }
cd "$directory"

mix new shop >/dev/null
cd shop

# The compiler before the others, and the dependency.
sed -i.old \
  -e 's|^ *start_permanent:.*|&\n      compilers: [:wasm2beam] ++ Mix.compilers(),|' \
  -e "s|^ *# {:dep_from_hexpm.*|      {:wasm2beam, path: \"$dependency\"}|" \
  mix.exs
grep -q ':wasm2beam] ++' mix.exs && grep -q '{:wasm2beam, path:' mix.exs

mkdir wasm
cat >prices.c <<'C'
__attribute__((import_module("shop"), import_name("price"))) int price(int article);
__attribute__((export_name("total"))) int total(int article, int count) { return price(article) * count; }
C
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o wasm/prices.wasm prices.c

cat >lib/shop.ex <<'ELIXIR'
defmodule Shop.Host do
  use Wasm2Beam.Host

  @wasm {[:i32], [:i32]}
  def price(article), do: Map.fetch!(Process.get(:prices), article)
end

defmodule Shop do
  def total(article, count) do
    Wasm2Beam.with_instance(Shop.Prices, %{shop: Shop.Host}, &Shop.Prices.total(&1, article, count))
  end
end
ELIXIR
cat >test/shop_test.exs <<'ELIXIR'
defmodule ShopTest do
  use ExUnit.Case

  test "asks the host for a price" do
    Process.put(:prices, %{7 => 250})
    assert Shop.total(7, 4) == {:ok, 1000}
    assert_raise KeyError, fn -> Shop.total(8, 4) end
  end
end
ELIXIR
mix test
