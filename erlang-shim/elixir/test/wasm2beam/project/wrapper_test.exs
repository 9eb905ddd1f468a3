defmodule Wasm2Beam.Project.WrapperTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.Project.Wrapper

  # Compiled while the tests run.
  @compile {:no_warn_undefined, Wrapped}

  # Compiles what is written for exports of these names and types.
  defp compile(name, exports) do
    info = %{source: "x.wasm", imports: [{"a\#{b}`", "c\n", {:func, {[:i32], []}, :host}}], exports: exports}
    source = Wrapper.source(name, Calculator, info, fn _name, _arity -> true end, "wasm/x.wasm")
    [{^name, _beam}] = Code.compile_string(source, "wrapper.ex")
    on_exit(fn -> :code.delete(name) && :code.purge(name) end)
    source
  end

  defp export(name, parameters, results) do
    {name, {:func, 0, {parameters, results}, {String.to_atom(name), :plain}}}
  end

  test "hands on to the compiled module, which is meant where an instance is made" do
    compile(Wrapped, [export("add", [:i32, :i32], [:i32])])
    assert {:ok, instance} = Wasm2Beam.instantiate(Wrapped, %{env: %{log: fn _ -> :ok end}})
    assert Wrapped.add(instance, 1, 2) == 3
    assert Wasm2Beam.call(instance, :add, [1, 2]) == {:ok, [3]}
    assert Wasm2Beam.exports(Wrapped) == Wasm2Beam.exports(Calculator)
    assert {:ok, _} = Wrapped.instantiate(env: [log: fn _ -> :ok end])
  end

  test "takes any name that a function can have" do
    names =
      [
        "hello world",
        "é",
        "end",
        "fn",
        "and",
        "+",
        "div",
        "@",
        "Elixir.Enum",
        "a\"b",
        "\#{1}",
        "\n",
        "",
        "nil",
        "quote"
      ] ++
        ["case", "def", "unquote", "__info__", "__struct__", "instantiate", "instantiate!", "add", "if", "alias", "use"]

    source = compile(WrappedNames, Enum.map(names, &export(&1, [:i32], [:i64, :f64])))
    assert source =~ "{Wasm2Beam.i64(), Wasm2Beam.f64()}"
    left_out = Enum.reject(names, &function_exported?(WrappedNames, String.to_atom(&1), 2))
    # Elixir keeps these for itself.
    assert Enum.sort(left_out) == ["alias", "case", "def", "fn", "quote"]
  end

  test "leaves out what a tuple of arguments is needed for" do
    source = compile(WrappedPacked, [{"many", {:func, 0, {[:i32], []}, {:"$export_0", :packed}}}])
    assert source =~ "Reached by `Wasm2Beam.call/3` only"
    refute function_exported?(WrappedPacked, :"$export_0", 2)
  end
end
