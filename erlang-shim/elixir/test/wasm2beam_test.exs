defmodule Wasm2BeamTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.{LimitError, LinkError, TrapError}

  doctest Wasm2Beam
  doctest Wasm2Beam.CompileError
  doctest Wasm2Beam.Instance
  doctest Wasm2Beam.Module
  doctest Wasm2Beam.TrapError

  @silent %{env: %{log: &Function.identity/1}}

  defp calculator(log \\ &Function.identity/1),
    do: Wasm2Beam.instantiate!(Calculator, %{env: %{log: log}})

  describe "instantiate" do
    test "takes names of imports as atoms, strings and keywords" do
      log = &Function.identity/1

      for imports <- [%{"env" => %{"log" => log}}, %{env: %{"log" => log}}, [env: [log: log]]] do
        assert {:ok, instance} = Wasm2Beam.instantiate(Calculator, imports)
        assert Wasm2Beam.call!(instance, :add, [1, 1]) == [2]
      end
    end

    test "reports what is missing or of another type" do
      assert {:error, %LinkError{reason: :unknown_import, module: "env", name: "log"}} =
               Wasm2Beam.instantiate(Calculator)

      assert {:error, %LinkError{reason: :incompatible_import_type}} =
               Wasm2Beam.instantiate(Calculator, %{env: %{log: fn -> :ok end}})

      assert_raise LinkError, "unknown import: env.log", fn ->
        Wasm2Beam.instantiate!(Calculator)
      end
    end

    test "refuses names that are no names or the same name" do
      assert {:error, %ArgumentError{message: message}} = Wasm2Beam.instantiate(Calculator, %{1 => %{}})

      assert message =~ "name of an import, got: 1"
      twice = %{:env => %{}, "env" => %{}}

      assert {:error, %ArgumentError{message: ~s(the import "env" is given twice)}} =
               Wasm2Beam.instantiate(Calculator, twice)

      assert {:error, %ArgumentError{}} = Wasm2Beam.instantiate(Calculator, :nothing)
      assert {:error, %ArgumentError{}} = Wasm2Beam.instantiate(Calculator, [:env])
    end

    test "validates options and obeys limits" do
      assert {:error, %ArgumentError{message: message}} = Wasm2Beam.instantiate(Calculator, @silent, fuel: 1)

      assert message =~ "fuel"
      assert {:error, %ArgumentError{}} = Wasm2Beam.instantiate(Calculator, @silent, :none)

      assert {:error, %LimitError{kind: :memory, needed: 1, limit: 0}} =
               Wasm2Beam.instantiate(Calculator, @silent, max_memory: 0)

      assert {:ok, _} = Wasm2Beam.instantiate(Calculator, @silent, %{max_memory: 1})
    end

    test "refuses a module that was not compiled from WebAssembly" do
      assert {:error, %ArgumentError{}} = Wasm2Beam.instantiate(Enum)
    end
  end

  describe "call" do
    test "gives all results as a list" do
      instance = calculator()
      assert Wasm2Beam.call(instance, :log_twice, [1]) == {:ok, []}
      assert Wasm2Beam.call(instance, "swap", [-1, 0.5]) == {:ok, [0.5, -1]}
      assert Wasm2Beam.call(instance, :swap, [2 ** 64 - 1, :nan]) == {:ok, [:nan, -1]}
    end

    test "turns a trap into an exception with its stack" do
      assert {:error, %TrapError{reason: :integer_overflow, in: nil} = trap} =
               Wasm2Beam.call(calculator(), :div, [-0x80000000, -1])

      assert Exception.message(trap) == "wasm trap: integer overflow"
      assert Enum.any?(trap.stacktrace, &match?({Calculator, :div, 3, _}, &1))
      assert inspect(trap) =~ ~r/^#Wasm2Beam.TrapError<.{1,120}>$/
    end

    test "raises it from call! with the stack of the trap" do
      Wasm2Beam.call!(calculator(), :div, [1, 0])
    rescue
      error in TrapError ->
        assert error.reason == :integer_divide_by_zero
        assert Enum.any?(__STACKTRACE__, &match?({Calculator, :div, 3, _}, &1))
    else
      _ -> flunk("no trap")
    end

    test "refuses wrong arguments" do
      instance = calculator()

      for {name, arguments} <- [
            {:add, [1]},
            {:add, [1, 1.5]},
            {:add, [1, 2 ** 32]},
            {:swap, [1, 1]},
            {:nothing, []},
            {:memory, []}
          ] do
        assert {:error, %ArgumentError{}} = Wasm2Beam.call(instance, name, arguments)
        assert_raise ArgumentError, fn -> Wasm2Beam.call!(instance, name, arguments) end
      end
    end

    test "refuses what is no instance of this process or closed" do
      instance = calculator()
      assert {:error, %ArgumentError{}} = Wasm2Beam.call(:no_instance, :add, [1, 1])
      task = Task.async(fn -> Wasm2Beam.call(instance, :add, [1, 1]) end)
      assert {:error, %ArgumentError{message: message}} = Task.await(task)
      assert message =~ "belongs to process"
      assert Wasm2Beam.close(instance) == :ok
      assert {:error, %ArgumentError{}} = Wasm2Beam.call(instance, :add, [1, 1])
    end
  end

  describe "a module that was compiled at run time" do
    test "has its own names in what is said of a trap" do
      # A loop keeps it a function of its own.
      text =
        "(module (func $inner (param i32) (result i32) (loop (result i32) (i32.div_u (i32.const 1) (local.get 0))))" <>
          ~s|(func (export "outer") (param i32) (result i32) (i32.add (i32.const 1) (call $inner (local.get 0)))))|

      module = Wasm2Beam.compile!(text, text: true)
      instance = Wasm2Beam.instantiate!(module)
      assert Wasm2Beam.call(instance, :outer, [1]) == {:ok, [2]}

      assert {:error, %TrapError{function: "inner", at: {:offset, offset}} = trap} =
               Wasm2Beam.call(instance, :outer, [0])

      assert [{_, :f0, _, _}, {_, :f1, _, _} | _] = trap.stacktrace

      assert ["wasm trap: integer divide by zero", "at inner (offset 0x" <> _, "at outer (offset 0x" <> _ | _] =
               String.split(Exception.message(trap), "\n")

      assert offset > 8
      # Erlang's own formatter says the same.
      %{general: text} = :wasm2beam_trap.format_error({:wasm_trap, trap.reason}, trap.stacktrace)
      assert text == Exception.message(trap)
    end

    test "serves a Server" do
      module = Wasm2Beam.compile!(~s|(module (func (export "one") (result i32) (i32.const 1)))|, text: true)
      assert {:ok, server} = Wasm2Beam.Server.start_link(module: module)
      assert Wasm2Beam.Server.call(server, :one) == {:ok, [1]}
    end
  end

  describe "host functions" do
    test "run in the process that calls" do
      Process.put(:seen, [])

      instance = calculator(fn value -> Process.put(:seen, [value | Process.get(:seen)]) && :ok end)

      assert Wasm2Beam.call!(instance, :log_twice, [7]) == []
      assert Process.get(:seen) == [7, 7]
    end

    test "may take the instance first and use its memory" do
      log = fn instance, value -> Wasm2Beam.Memory.write!(instance, value, "here") end
      instance = calculator(log)
      assert Calculator.log_twice(instance, 10) == :ok
      assert Wasm2Beam.Memory.read!(instance, 10, 4) == "here"
    end

    test "raise through both forms unchanged" do
      for raised <- [
            %RuntimeError{message: "mine"},
            %ArgumentError{message: "mine"},
            %ErlangError{original: :mine}
          ] do
        instance = calculator(fn _ -> raise raised end)

        assert_raise raised.__struct__, Exception.message(raised), fn ->
          Wasm2Beam.call(instance, :log_twice, [1])
        end

        assert_raise raised.__struct__, Exception.message(raised), fn ->
          Wasm2Beam.call!(instance, :log_twice, [1])
        end
      end

      # An error of Erlang's own, for which Elixir has an exception.
      instance = calculator(fn _ -> :erlang.error(:function_clause) end)
      assert_raise FunctionClauseError, fn -> Wasm2Beam.call(instance, :log_twice, [1]) end

      instance = calculator(fn value -> throw({:value, value}) end)
      assert catch_throw(Wasm2Beam.call(instance, :log_twice, [1])) == {:value, 1}
    end
  end

  describe "with_instance" do
    test "closes the instance in the end, also after an exception" do
      assert {:ok, instance} = Wasm2Beam.with_instance(Calculator, @silent, &Function.identity/1)
      assert {:error, %ArgumentError{}} = Wasm2Beam.call(instance, :add, [1, 1])

      assert_raise ErlangError, ~r/:closed, Calculator/, fn -> Calculator.add(instance, 1, 1) end

      assert_raise RuntimeError, fn ->
        Wasm2Beam.with_instance(Calculator, @silent, [max_memory: 1], fn instance ->
          send(self(), instance)
          raise "mine"
        end)
      end

      assert_received instance
      assert {:error, %ArgumentError{}} = Wasm2Beam.Memory.size(instance)
    end

    test "does not call where there is no instance" do
      assert {:error, %LinkError{}} = Wasm2Beam.with_instance(Calculator, %{}, fn _ -> flunk("called") end)
    end
  end

  describe "instances that import from each other" do
    test "share functions and memory, given one by one or as a whole" do
      for wrap <- [
            &Function.identity/1,
            &Map.new(~w(add memory), fn name -> {name, Wasm2Beam.export(&1, name)} end)
          ] do
        math = calculator()
        Wasm2Beam.Memory.grow!(math, 1)
        instance = Wasm2Beam.instantiate!(Importer, %{math: wrap.(math)})
        assert Wasm2Beam.call!(instance, :double, [21]) == [42]
        assert Wasm2Beam.Memory.read!(math, 65_530, 7) == "seven!!"
        assert Wasm2Beam.Memory.read!(instance, 65_530, 7) == "seven!!"
      end
    end

    test "report a trap of the instantiation" do
      assert {:error, %TrapError{in: :data_segment} = trap} = Wasm2Beam.instantiate(Importer, %{math: calculator()})

      assert trap.reason == :out_of_bounds_memory_access
      assert Exception.message(trap) =~ "wasm trap: out of bounds memory access (in "
      assert_raise TrapError, fn -> Wasm2Beam.instantiate!(Importer, %{math: calculator()}) end
    end
  end

  test "the handle prints small" do
    instance = calculator()
    Wasm2Beam.Memory.write!(instance, 0, :binary.copy("x", 65_536))
    assert byte_size(inspect(instance)) < 100
  end
end
