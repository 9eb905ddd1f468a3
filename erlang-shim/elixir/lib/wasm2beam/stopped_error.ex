defmodule Wasm2Beam.StoppedError do
  @moduledoc """
  A call of a `Wasm2Beam.Server` or `Wasm2Beam.Pool` was ended before its time.

  `:reason` is `{:timeout, milliseconds}` where the call took longer than that, else `{:exit, reason}` with what the
  instance's process ended with: `:killed` where it needed more memory than `:max_heap_bytes`. A call that a pool did not take because
  so many wait already has `{:queue_full, count}`; one that `Wasm2Beam.Server.cancel/1` ended, `:cancelled`.

      iex> Exception.message(%Wasm2Beam.StoppedError{reason: {:timeout, 100}})
      "the call was stopped after 100 ms"
  """

  defexception [:reason]

  @type t :: %__MODULE__{
          reason: :cancelled | {:timeout, non_neg_integer()} | {:exit, term()} | {:queue_full, non_neg_integer()}
        }

  @impl true
  def message(%__MODULE__{reason: {:timeout, milliseconds}}), do: "the call was stopped after #{milliseconds} ms"

  def message(%__MODULE__{reason: :cancelled}), do: "the call was cancelled"

  def message(%__MODULE__{reason: {:queue_full, count}}), do: "the pool is busy, and #{count} calls wait already"

  def message(%__MODULE__{reason: {:exit, reason}}),
    do: "the process of the instance ended: #{Exception.format_exit(reason)}"
end
