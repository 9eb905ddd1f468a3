defmodule Wasm2Beam.TrapError do
  @moduledoc """
  WebAssembly code trapped: it did what the specification stops, such as a division by zero.

    * `:reason` - the specification's text as an atom
    * `:function` - the name of the WebAssembly function that trapped, nil where none did
    * `:at` - where in it: `{:offset, bytes}` into the WebAssembly module, or `{file, line}` where that carries DWARF
    * `:in` - which part of an instantiation trapped, `:element_segment`, `:data_segment` or `:start`; else nil
    * `:stacktrace` - where, as Erlang has it

  The function and the place are those of the stack trace; the message and `:wasm2beam.stacktrace/1` tell also of functions that
  were inlined.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> {:error, error} = Wasm2Beam.call(instance, :div, [1, 0])
      iex> {error.reason, error.function}
      {:integer_divide_by_zero, "div"}
      iex> Exception.message(error)
      "wasm trap: integer divide by zero"
  """

  @derive {Inspect, only: [:reason, :function, :at, :in]}
  defexception [:reason, :function, :at, :in, stacktrace: []]

  @type t :: %__MODULE__{
          reason: atom(),
          function: String.t() | nil,
          at: {:offset, non_neg_integer()} | {file :: String.t(), line :: pos_integer()} | nil,
          in: nil | :element_segment | :data_segment | :start,
          stacktrace: Exception.stacktrace()
        }

  @impl true
  def message(%__MODULE__{reason: reason, in: nil, stacktrace: stacktrace}),
    do: :wasm2beam_trap.described(:wasm2beam_error.text({:wasm_trap, reason}), stacktrace)

  def message(%__MODULE__{reason: reason, in: part, stacktrace: stacktrace}),
    do: :wasm2beam_trap.described(:wasm2beam_error.text({:wasm_trap, reason, %{in: part}}), stacktrace)
end
