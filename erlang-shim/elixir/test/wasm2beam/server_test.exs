defmodule Wasm2Beam.ServerTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.{LinkError, Server, StoppedError, TrapError}

  doctest Wasm2Beam.Server
  doctest Wasm2Beam.StoppedError

  @silent %{env: %{log: &Function.identity/1}}

  defp start(options \\ []) do
    start_supervised!({Server, Keyword.merge([module: Calculator, imports: @silent], options)})
  end

  test "starts under a supervisor by its name, or says why it cannot" do
    start(name: :prices)
    assert Server.call!(:prices, :add, [1, 2]) == [3]

    Process.flag(:trap_exit, true)
    # The report of the process that could not start is as it should be, and would look like a failure here.
    :ok = :logger.set_module_level(:proc_lib, :none)
    on_exit(fn -> :logger.unset_module_level(:proc_lib) end)
    assert {:error, %LinkError{name: "log"}} = Server.start_link(module: Calculator)

    assert {:error, %ArgumentError{message: "snapshot: " <> _}} =
             Server.start_link(module: Calculator, imports: @silent, snapshot: "none")

    assert_raise ArgumentError, ~r/snapshot/, fn -> Server.start_link(module: Calculator, snapshot: 1) end
    assert_raise ArgumentError, ~r/fuel/, fn -> Server.start_link(module: Calculator, fuel: 1) end
    assert_raise ArgumentError, ~r/timeout/, fn -> Server.start_link(module: Calculator, timeout: -1) end
    assert_raise ArgumentError, ~r/module/, fn -> Server.start_link([]) end
  end

  test "keeps the instance through traps and exceptions of host functions" do
    server = start(imports: %{env: %{log: fn _ -> raise "from the host" end}})
    assert {:ok, :ok} = Server.run(server, &Wasm2Beam.Memory.write!(&1, 0, "kept"))
    assert {:error, %TrapError{stacktrace: [_ | _]}} = Server.call(server, :div, [1, 0])
    assert {:error, %RuntimeError{message: "from the host"}} = Server.call(server, :log_twice, [1])
    assert {:error, %ArgumentError{}} = Server.call(server, :missing)
    assert {:ok, "kept"} = Server.run(server, &Wasm2Beam.Memory.read!(&1, 0, 4))
  end

  test "stops what takes too long, makes a new instance, and serves those who wait" do
    test = self()
    log = fn _ -> send(test, {:in_host, self()}) && Process.sleep(:infinity) end
    server = start(imports: %{env: %{log: log}}, timeout: 200)
    assert {:ok, :ok} = Server.run(server, &Wasm2Beam.Memory.write!(&1, 0, "lost"))

    slow = Task.async(fn -> Server.call(server, :log_twice, [1]) end)
    assert_receive {:in_host, worker}, 5_000
    assert {:ok, <<0, 0, 0, 0>>} = Server.run(server, &Wasm2Beam.Memory.read!(&1, 0, 4), :infinity)
    assert {:error, %StoppedError{reason: {:timeout, 200}}} = Task.await(slow)
    refute Process.alive?(worker)
  end

  test "survives the end of the instance's process" do
    server = start()
    assert {:error, %StoppedError{reason: {:exit, :gone}}} = Server.run(server, fn _ -> exit(:gone) end)
    assert {:ok, worker} = Server.run(server, fn _ -> self() end)

    # Also while no call runs.
    monitor = Process.monitor(worker)
    Process.exit(worker, :kill)
    assert_receive {:DOWN, ^monitor, :process, ^worker, :killed}, 5_000
    assert Server.call(server, :add, [1, 2]) in [{:ok, [3]}, {:error, %StoppedError{reason: {:exit, :killed}}}]
    assert Server.call!(server, :add, [1, 2]) == [3]
  end

  test "stops what needs too much memory" do
    server = start(max_heap_bytes: 4_000_000)
    greedy = fn _ -> Enum.to_list(1..10_000_000) end
    assert {:error, %StoppedError{reason: {:exit, :killed}}} = Server.run(server, greedy, :infinity)
    assert Server.call!(server, :add, [1, 2]) == [3]
  end

  test "takes the instance's process with it" do
    server = start()
    {:ok, worker} = Server.run(server, fn _ -> self() end)
    monitor = Process.monitor(worker)
    :ok = stop_supervised(Server)
    assert_receive {:DOWN, ^monitor, :process, ^worker, _}, 5_000
  end

  test "makes its instances of a snapshot, and does not print it" do
    instance = Wasm2Beam.instantiate!(Calculator, @silent)
    Wasm2Beam.Memory.write!(instance, 5000, "some bytes")
    snapshot = Wasm2Beam.snapshot(instance)
    read = &Wasm2Beam.Memory.read!(&1, 5000, 10)

    for snapshot <- [snapshot, fn -> snapshot end] do
      {:ok, server} = Server.start_link(module: Calculator, imports: @silent, snapshot: snapshot)
      assert {:error, _} = Server.run(server, fn _ -> exit(:gone) end)
      assert Server.run(server, read) == {:ok, "some bytes"}
      refute inspect(:sys.get_state(server), limit: :infinity, printable_limit: :infinity) =~ "some bytes"

      {:ok, pool} = Wasm2Beam.Pool.start_link(module: Calculator, imports: @silent, snapshot: snapshot)
      assert Wasm2Beam.Pool.run(pool, read) == {:ok, "some bytes"}
    end
  end
end
