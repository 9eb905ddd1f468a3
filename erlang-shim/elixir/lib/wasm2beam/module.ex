defmodule Wasm2Beam.Module do
  @moduledoc """
  A module that `Wasm2Beam.compile/2` made: opaque. It takes the place of a module's name in `Wasm2Beam.instantiate/3` and its kin.

      iex> inspect(Wasm2Beam.compile!("(module)", text: true)) =~ ~r/^#Wasm2Beam.Module<wasm2beam_pool_[0-9]+>$/
      true
  """

  # The runtime makes these structs, as the maps that they are (wasm2beam_pool.erl).
  @enforce_keys [:name, :hold]
  defstruct @enforce_keys

  @typedoc "A module that was compiled at run time."
  @type t :: :wasm2beam.compiled()

  defimpl Inspect do
    # The name says something only for as long as it is this module's.
    def inspect(module, _options) do
      case :wasm2beam_pool.module(module) do
        {:ok, name} -> "#Wasm2Beam.Module<#{name}>"
        {:error, :released} -> "#Wasm2Beam.Module<released>"
      end
    end
  end
end
