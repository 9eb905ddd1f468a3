defmodule Wasm2Beam.WasiTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.Wasi

  doctest Wasm2Beam.Wasi

  test "gives output to a function, and to a process" do
    test = self()
    assert Wasi.run!(Greeter, stdout: &send(test, {:written, &1})).status == 3
    assert_received {:written, "hello\n"}
    assert {:ok, %{stdout: "", status: 3}} = Wasi.run(Greeter, stdout: {:send, test, :out})
    assert_received {:out, "hello\n"}
  end

  test "starts a reactor, whose exports are called as often as one likes" do
    {:ok, instance, wasi} = Wasi.start(Greeter, stdout: :collect)
    assert Wasm2Beam.call!(instance, :greet) == [0]
    assert Wasi.catch_exit(wasi, fn -> Wasm2Beam.call!(instance, "_start") end) == {:exit, 3}
    assert Wasi.catch_exit(wasi, fn -> 5 end) == {:returned, 5}
    assert Wasi.output(wasi, :stdout) == "hello\nhello\n"
    assert Wasm2Beam.close(instance) == :ok
    assert Wasi.close(wasi) == :ok
    assert_raise ArgumentError, ~r/closed/, fn -> Wasi.output(wasi, :stdout) end
  end

  test "says that a reactor has ended itself" do
    assert Wasi.start(Greeter, [], "_start") == {:exit, 3}
  end

  test "passes limits and further imports on" do
    assert {:error, %Wasm2Beam.LimitError{}} = Wasi.run(Greeter, instance: [max_memory: 0])
    assert {:error, %ArgumentError{}} = Wasi.run(Greeter, imports: %{1 => %{}})
    assert {:ok, _} = Wasi.run(Greeter, imports: %{env: %{log: &IO.inspect/1}})
    assert_raise ArgumentError, fn -> Wasi.run!(Greeter, folders: [{"/", "no/such/folder"}]) end
  end

  test "leaves nothing behind" do
    before = length(Process.get_keys())
    Wasi.run!(Greeter, stdout: :collect, stdin: "input", folders: [{"/", "."}])
    {:error, _} = Wasi.run(Greeter, stdin: {:file, "no/such/file"})
    {:error, _} = Wasi.run(Greeter, folders: [{"/", "no/such/folder"}], stdin: "x")
    {:error, _} = Wasi.run(Greeter, stdin: "x", stdout: :collect, stderr: :nowhere)
    {:error, _} = Wasi.start(Greeter, stdin: "x", instance: [max_memory: 0])
    assert length(Process.get_keys()) == before + 1
  end
end
