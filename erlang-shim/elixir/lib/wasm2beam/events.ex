defmodule Wasm2Beam.Events do
  @moduledoc """
  Events of calls, traps, growth of memories and instances, for handlers in the shape of `:telemetry`, which is not needed.

      iex> handler = fn event, _measurements, metadata, pid -> send(pid, {event, metadata.function}) end
      iex> Wasm2Beam.Events.attach("mine", [:wasm2beam, :call, :stop], handler, self())
      :ok
      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.call!(instance, :add, [2, 3])
      iex> receive do: (message -> message)
      {[:wasm2beam, :call, :stop], "add"}
      iex> Wasm2Beam.Events.detach("mine")
      :ok

  | event | measurements | metadata |
  | --- | --- | --- |
  | `[:wasm2beam, :call, :start]` | `:system_time`, `:monotonic_time` | `:instance`, `:module`, `:function` |
  | `[:wasm2beam, :call, :stop]` | `:duration`, `:monotonic_time` | the same |
  | `[:wasm2beam, :call, :exception]` | `:duration`, `:monotonic_time` | the same, `:kind`, `:reason`, `:stacktrace` |
  | `[:wasm2beam, :instantiate, :start \\| :stop \\| :exception]` | as of a call | `:module`; of `:stop` also `:result` |
  | `[:wasm2beam, :compile, :start \\| :stop \\| :exception]` | as of a call | `:bytes` of the module; of `:stop` also `:result` |
  | `[:wasm2beam, :trap]` | | `:module`, `:reason`, `:stacktrace`; of a call also `:instance`, `:function` |
  | `[:wasm2beam, :memory, :grow]` | `:pages`, `:delta` | `:result`, `:ok` or `:error` |

  Calls are those by `Wasm2Beam.call/3`, `Wasm2Beam.Server` and the like. A direct call of a compiled module is a call of a
  function like any other: nothing stands between, and it is no event.
  """

  @type event :: [atom(), ...]
  @type handler :: (event(), measurements :: map(), metadata :: map(), config :: term() -> term())

  @doc """
  From now on `handler` is called for an event, or each of several, in the process where it happens, until `detach/1`, or
  until it raises: then it is detached, and the log says why.
  """
  @spec attach(id :: term(), event() | [event()], handler(), config :: term()) :: :ok | {:error, :already_exists}
  def attach(id, events, handler, config \\ nil), do: :wasm2beam_events.attach(id, events, handler, config)

  @doc "Calls the handler of this name no more."
  @spec detach(id :: term()) :: :ok | {:error, :not_found}
  def detach(id), do: :wasm2beam_events.detach(id)
end
