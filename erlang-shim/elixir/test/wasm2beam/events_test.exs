defmodule Wasm2Beam.EventsTest do
  # Handlers see the calls of every process.
  use ExUnit.Case, async: false

  alias Wasm2Beam.Events

  doctest Wasm2Beam.Events

  test "refuses a name that is taken, and one that is not" do
    handler = fn _, _, _, _ -> :ok end
    assert Events.attach(__MODULE__, [:wasm2beam, :trap], handler) == :ok
    assert Events.attach(__MODULE__, [[:wasm2beam, :trap]], handler) == {:error, :already_exists}
    assert Events.detach(__MODULE__) == :ok
    assert Events.detach(__MODULE__) == {:error, :not_found}
  end

  test "tells of traps with their stack trace" do
    handler = fn [:wasm2beam, :trap], %{}, metadata, pid -> send(pid, metadata) end
    :ok = Events.attach(__MODULE__, [:wasm2beam, :trap], handler, self())
    on_exit(fn -> Events.detach(__MODULE__) end)
    instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
    {:error, %Wasm2Beam.TrapError{}} = Wasm2Beam.call(instance, :div, [1, 0])
    assert_received %{module: Calculator, function: "div", reason: :integer_divide_by_zero, stacktrace: [_ | _]}
  end

  test "tells of modules that are compiled at run time" do
    events = for step <- [:start, :stop], do: [:wasm2beam, :compile, step]
    handler = fn event, measurements, metadata, pid -> send(pid, {List.last(event), measurements, metadata}) end
    :ok = Events.attach(__MODULE__, events, handler, self())
    on_exit(fn -> Events.detach(__MODULE__) end)

    {:ok, module} = Wasm2Beam.compile("(module)", text: true)
    assert_received {:start, %{system_time: _}, %{bytes: 8}}
    assert_received {:stop, %{duration: duration}, %{bytes: 8, result: :ok}} when duration > 0
    :ok = Wasm2Beam.release(module)

    {:error, _} = Wasm2Beam.compile("no module")
    assert_received {:stop, _, %{bytes: 9, result: :error}}
  end
end
