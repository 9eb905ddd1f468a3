defmodule Shop do
  @moduledoc "A shop that computes in WebAssembly, compiled with the project."

  @prices %{1 => 250, 2 => 1_000}

  @doc "What so many of each article cost, `{article, count}`, in cents."
  @spec total([{pos_integer(), pos_integer()}]) :: {:ok, integer()} | {:error, Exception.t()}
  def total(basket) do
    Wasm2Beam.with_instance(Shop.Prices, %{shop: %{price: &Map.fetch!(@prices, &1)}}, fn instance ->
      for {article, count} <- basket, do: Wasm2Beam.call!(instance, "add-to-basket", [article, count])
      Shop.Prices.total(instance)
    end)
  end
end
