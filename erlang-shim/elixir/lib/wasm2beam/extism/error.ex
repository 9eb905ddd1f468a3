defmodule Wasm2Beam.Extism.Error do
  @moduledoc """
  What went wrong with a plug-in, as the raising functions of `Wasm2Beam.Extism.Plugin` tell it.

  `:kind` is `:guest` for an error message that the plug-in has set, `:exit` for a code other than 0, `:trap`, `:timeout`,
  `:cancelled`, `:out_of_memory`, `:host` where the plug-in asked its host for what makes no sense or is not allowed; `:manifest`,
  `:source`, `:compile` and `:link` where it cannot be made; `:unknown_function`, `:busy`, `:freed` and `:foreign_process` where
  it cannot be called. `:code` is the plug-in's exit code, 134 for a trap, else -1; `:trap` the reason of a trap.

      iex> Exception.message(%Wasm2Beam.Extism.Error{kind: :guest, message: "no such game", code: 1})
      "no such game"
  """

  @derive {Inspect, only: [:kind, :code, :message, :trap]}
  defexception [:kind, :message, code: -1, trap: nil, stacktrace: []]

  @type t :: %__MODULE__{
          kind: atom(),
          message: String.t(),
          code: integer(),
          trap: atom(),
          stacktrace: Exception.stacktrace()
        }

  @doc false
  @spec new(:wasm2beam_extism.error()) :: t()
  def new({:wasm_extism, kind, details}), do: struct!(__MODULE__, Map.put(details, :kind, kind))
end
