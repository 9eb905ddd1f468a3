defmodule Wasm2Beam.PoolTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.{Pool, StoppedError, TrapError}

  doctest Wasm2Beam.Pool

  defp pool(log \\ fn _ -> :ok end, options \\ []) do
    start_supervised!({Pool, [module: Calculator, imports: %{env: %{log: log}}] ++ options})
  end

  # A host function that tells the test that it runs, and waits for an answer.
  defp waiting do
    test = self()

    fn value ->
      send(test, {:running, self(), value})
      receive(do: (:go_on -> :ok))
    end
  end

  test "each call has an instance of its own" do
    pool = pool()
    assert {:ok, :ok} = Pool.run(pool, &Wasm2Beam.Memory.write!(&1, 0, "left"))
    assert {:ok, <<0, 0, 0, 0>>} = Pool.run(pool, &Wasm2Beam.Memory.read!(&1, 0, 4))
    {:ok, first} = Pool.run(pool, fn _ -> self() end)
    {:ok, second} = Pool.run(pool, fn _ -> self() end)
    assert first != second
    refute Process.alive?(first)
  end

  test "calls run at the same time, up to the size, and others wait in order" do
    pool = pool(waiting(), size: 2, max_queue: 2)
    tasks = for i <- 1..4, do: start_call(pool, i)
    assert_receive {:running, first, 1}
    assert_receive {:running, second, 2}
    refute_received {:running, _, _}
    assert Pool.call(pool, :add, [1, 1]) == {:error, %StoppedError{reason: {:queue_full, 2}}}
    for _ <- 1..2, do: send(first, :go_on)
    assert_receive {:running, third, 3}
    for worker <- [second, third], _ <- 1..2, do: send(worker, :go_on)
    assert_receive {:running, fourth, 4}
    for _ <- 1..2, do: send(fourth, :go_on)
    assert Enum.map(tasks, &Task.await/1) == List.duplicate({:ok, []}, 4)
  end

  # The pool has the call when it answers what comes after it.
  defp start_call(pool, value) do
    task = Task.async(fn -> Pool.call(pool, :log_twice, [value], :infinity) end)
    wait_until_asked(task.pid)
    task
  end

  defp wait_until_asked(pid) do
    case Process.info(pid, [:status, :current_function]) do
      [status: :waiting, current_function: {:gen, :do_call, 4}] -> :ok
      _ -> wait_until_asked(pid)
    end
  end

  test "a call that takes too long, or too much, ends alone" do
    pool = pool(fn _ -> Process.sleep(:infinity) end, size: 1, max_heap_bytes: 4_000_000)
    assert Pool.call(pool, :log_twice, [1], 10) == {:error, %StoppedError{reason: {:timeout, 10}}}
    assert Pool.call(pool, :add, [2, 3]) == {:ok, [5]}

    assert Pool.run(pool, fn _ -> length(Enum.to_list(1..10_000_000)) end) ==
             {:error, %StoppedError{reason: {:exit, :killed}}}

    assert Pool.call(pool, :add, [2, 3]) == {:ok, [5]}
    assert Pool.run(pool, fn _ -> exit(:mine) end) == {:error, %StoppedError{reason: {:exit, :mine}}}
    assert {:error, %TrapError{reason: :integer_divide_by_zero}} = Pool.call(pool, :div, [1, 0])
    assert {:error, %RuntimeError{}} = Pool.run(pool, fn _ -> raise "mine" end)

    assert {:error, %Wasm2Beam.LinkError{}} =
             Pool.call(start_supervised!({Pool, name: Unlinked, module: Calculator}), :add, [1, 1])
  end

  test "its end is the end of its calls" do
    pool = pool(waiting())
    spawn(fn -> Pool.call(pool, :log_twice, [1]) end)
    assert_receive {:running, worker, 1}
    reference = Process.monitor(worker)
    stop_supervised!(Pool)
    assert_receive {:DOWN, ^reference, :process, ^worker, :killed}
  end

  test "options are validated by name" do
    for options <- [[], [module: nil], [module: Calculator, size: 0], [module: Calculator, max_queue: -1]] do
      assert_raise ArgumentError, ~r/not a valid :/, fn -> Pool.start_link(options) end
    end

    assert_raise ArgumentError, ~r/unknown keys \[:workers\]/, fn -> Pool.start_link(module: Calculator, workers: 1) end
    assert_raise ArgumentError, "not a valid :timeout: -1", fn -> Pool.call(self(), :add, [], -1) end
  end
end
