defmodule Wasm2Beam.Instance do
  @moduledoc """
  The handle of an instance: opaque, and small whatever the instance holds. `Wasm2Beam.instantiate/3` makes it.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> inspect(instance) =~ ~r/^#Wasm2Beam.Instance<Calculator, #PID<[0-9.]+>>$/
      true
  """

  # The runtime makes these structs, as the maps that they are (wasm2beam_instance.erl).
  @enforce_keys [:key, :pid, :module]
  defstruct @enforce_keys

  @typedoc "An instance of a compiled module, of the process that made it."
  @type t :: :wasm2beam.instance()

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(instance, options) do
      concat(["#Wasm2Beam.Instance<", to_doc(instance.module, options), ", ", to_doc(instance.pid, options), ">"])
    end
  end
end
