defmodule Wasm2Beam.TrapError do
  @moduledoc """
  WebAssembly code trapped: it did what the specification stops, such as a division by zero.

  `:reason` is the specification's text as an atom, `:in` says which part of an instantiation trapped
  (`:element_segment`, `:data_segment`, `:start`; else nil), `:stacktrace` where: its WebAssembly frames carry the names of
  the module's own functions.

      iex> Exception.message(%Wasm2Beam.TrapError{reason: :integer_divide_by_zero})
      "wasm trap: integer divide by zero"
  """

  @derive {Inspect, only: [:reason, :in]}
  defexception [:reason, :in, stacktrace: []]

  @type t :: %__MODULE__{
          reason: atom(),
          in: nil | :element_segment | :data_segment | :start,
          stacktrace: Exception.stacktrace()
        }

  @impl true
  def message(%__MODULE__{reason: reason, in: nil, stacktrace: stacktrace}),
    do: :wasm2beam_trap.described(:wasm2beam_error.text({:wasm_trap, reason}), stacktrace)

  def message(%__MODULE__{reason: reason, in: part, stacktrace: stacktrace}),
    do: :wasm2beam_trap.described(:wasm2beam_error.text({:wasm_trap, reason, %{in: part}}), stacktrace)
end
