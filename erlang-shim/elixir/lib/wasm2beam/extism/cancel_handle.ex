defmodule Wasm2Beam.Extism.CancelHandle do
  @moduledoc "What cancels a plug-in's call from another process: `Wasm2Beam.Extism.Plugin.cancel_handle/1` makes it."

  alias Wasm2Beam.Extism.Plugin

  @enforce_keys [:plugin]
  defstruct @enforce_keys

  @type t :: %__MODULE__{plugin: Plugin.t()}

  @doc """
  As `Wasm2Beam.Extism.Plugin.cancel/1`.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!("(module)")
      iex> handle = Wasm2Beam.Extism.Plugin.cancel_handle(plugin)
      iex> Wasm2Beam.Extism.CancelHandle.cancel(handle)
      :ok
  """
  @spec cancel(t()) :: :ok | {:error, String.t()}
  def cancel(%__MODULE__{plugin: plugin}), do: Plugin.cancel(plugin)
end
