defmodule Wasm2Beam.HostTest do
  use ExUnit.Case, async: true

  defmodule Log do
    use Wasm2Beam.Host

    @wasm {[:i32], []}
    def log(value) when value > 0, do: send(self(), {:log, value})
    def log(value), do: send(self(), {:negative, value})
  end

  defmodule Renamed do
    use Wasm2Beam.Host

    @wasm {[:i32], [], as: "log"}
    def keep(instance, value), do: Wasm2Beam.Memory.write!(instance, value, "kept")

    def other, do: :not_a_host_function
  end

  defmodule Changed do
    use Wasm2Beam.Host

    @wasm {[:i64], []}
    def log(_value), do: :ok
  end

  # Wasm calls Elixir, which calls Wasm, and so on, down to zero.
  @nested """
  (module
    (import "env" "down" (func $down (param i32) (result i32)))
    (func $step (export "step") (param i32) (result i32)
      (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))
  """

  defmodule Down do
    use Wasm2Beam.Host

    @wasm {[:i32], [:i32]}
    def down(_instance, 0), do: bottom()
    def down(instance, count), do: Wasm2Beam.call!(instance, :step, [count]) |> hd()

    def bottom do
      case Process.get(:bottom) do
        nil -> 0
        raised -> raise raised
      end
    end
  end

  test "functions are called by their names" do
    assert {:ok, instance} = Wasm2Beam.instantiate(Calculator, %{env: Log})
    Calculator.log_twice(instance, 3)
    Calculator.log_twice(instance, -1)
    assert_received {:log, 3}
    assert_received {:negative, -1}
  end

  test "may take the instance, and have another name" do
    assert Renamed.wasm_functions() == [{"log", {[:i32], []}, :keep}]
    instance = Wasm2Beam.instantiate!(Calculator, %{"env" => Renamed})
    Calculator.log_twice(instance, 10)
    assert Wasm2Beam.Memory.read!(instance, 10, 4) == "kept"
  end

  test "types are compared when an instance is made" do
    assert {:error, %Wasm2Beam.LinkError{reason: :incompatible_import_type} = error} =
             Wasm2Beam.instantiate(Calculator, %{env: Changed})

    assert Exception.message(error) ==
             "incompatible import type: env.log (expected {func,{[i32],[]}}, found {func,{[i64],[]}})"

    assert {:error, %ArgumentError{message: message}} = Wasm2Beam.instantiate(Calculator, %{env: Enum})
    assert message == "'Elixir.Enum' is no module of host functions: it exports no wasm_functions/0"
  end

  test "what is declared wrongly does not compile" do
    for {body, message} <- [
          {"@wasm {[:i32], []}\ndef f(), do: :ok", "f/0 has 1 WebAssembly parameters"},
          {"@wasm {[:i32], []}\ndefp f(_), do: :ok", "f/1 is not a public function"},
          {"@wasm {[:int], []}\ndef f(_), do: :ok", "not a WebAssembly type: :int"},
          {"@wasm [:i32]\ndef f(_), do: :ok", "@wasm is {parameters, results}"},
          {"@wasm {[], [], name: 1}\ndef f(), do: :ok", "the only option of @wasm is :as"},
          {"@wasm {[], []}\ndef f(), do: :ok\n@wasm {[], [], as: \"f\"}\ndef g(), do: :ok",
           "two functions are imported as"}
        ] do
      source = "defmodule Wasm2Beam.HostTest.Wrong do\nuse Wasm2Beam.Host\n#{body}\nend"
      error = assert_raise CompileError, fn -> Code.compile_string(source, "wrong.ex") end
      assert Exception.message(error) =~ message
      assert Exception.message(error) =~ "wrong.ex:"
    end
  end

  describe "calls back into the instance" do
    setup do
      module = Wasm2Beam.compile!(@nested, text: true)
      {:ok, instance: Wasm2Beam.instantiate!(module, %{env: Down}, max_depth: 10_000)}
    end

    test "go to any depth that the instance allows", %{instance: instance} do
      assert Wasm2Beam.call!(instance, :step, [1_000]) == [1_000]

      # Raised by the innermost call, in a host function, and so by all others.
      assert_raise Wasm2Beam.TrapError, ~r/^wasm trap: call stack exhausted\nat step /, fn ->
        Wasm2Beam.call(instance, :step, [20_000])
      end

      assert Wasm2Beam.call!(instance, :step, [1_000]) == [1_000]
    end

    test "share one stack trace, in order, with an exception from the bottom", %{instance: instance} do
      depth = :erlang.system_flag(:backtrace_depth, 60)
      Process.put(:bottom, %RuntimeError{message: "from the bottom"})

      frames =
        try do
          Wasm2Beam.call(instance, :step, [3])
        rescue
          error in RuntimeError ->
            assert error.message == "from the bottom"
            for {module, name, _, _} <- __STACKTRACE__, {module, name} in frames(instance), do: name
        after
          :erlang.system_flag(:backtrace_depth, depth)
        end

      # Innermost first: f0 is the stub of the import, f1 the function "step".
      assert frames == [:bottom | List.flatten(for(_ <- 1..3, do: [:down, :f0, :f1]))] |> List.delete_at(1)
    end

    defp frames(instance), do: [{Down, :bottom}, {Down, :down}, {instance.module, :f0}, {instance.module, :f1}]
  end
end
