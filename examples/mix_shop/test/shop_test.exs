defmodule ShopTest do
  use ExUnit.Case, async: true

  test "a module without state is called like any other" do
    assert Shop.Ints.add(0x7FFFFFFF, 1) == -0x80000000
    assert Shop.Ints.divide(-7, 2) == {-3, -1}
  end

  test "a module with state asks its host" do
    assert Shop.total([{1, 2}, {2, 3}]) == {:ok, 3_500}
  end

  test "an endless loop is stopped by its timeout" do
    server = start_supervised!({Wasm2Beam.Server, module: Shop.Prices, imports: %{shop: %{price: fn _ -> 100 end}}})
    assert {:error, %Wasm2Beam.StoppedError{}} = Wasm2Beam.Server.call(server, :forever, [], 50)
    assert Wasm2Beam.Server.call(server, "add-to-basket", [1, 3]) == {:ok, [300]}
  end

  test "each function has its documentation and its types" do
    {:docs_v1, _, :elixir, _, %{"en" => text}, _, functions} = Code.fetch_docs(Shop.Ints)
    assert text =~ "wasm/ints.wat"
    documented = for {{:function, :add, arity}, _, _, %{"en" => doc}, _} <- functions, do: {arity, doc}
    assert [{2, without}, {3, with}] = Enum.sort(documented)
    assert with == "The export `add` of type `(i32, i32) -> (i32)`."
    assert without =~ "no instance is needed"

    {:ok, specs} = Code.Typespec.fetch_specs(Shop.Ints)
    assert List.keymember?(specs, {:divide, 3}, 0)
    assert Shop.Ints.__info__(:attributes)[:external_resource] == ["wasm/ints.wat"]
  end
end
