defmodule Calculator do
  @moduledoc false
  # A module as the compiler makes them (docs/abi.md), written by hand so that these tests need no compiler:
  #
  #     (module
  #       (import "env" "log" (func $log (param i32)))
  #       (memory (export "memory") 1 2)
  #       (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  #       (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
  #       (func (export "log_twice") (param i32) local.get 0 call $log local.get 0 call $log)
  #       (func (export "swap") (param i64 f64) (result f64 i64) local.get 1 local.get 0))

  import :wasm2beam_value, only: [to_i32: 1, from_i32: 1, to_i64: 1, from_i64: 2, to_f64: 1]

  # The element of the state that holds the imported function: behind four fixed ones and one memory's two.
  @log 7

  def unquote(:"$wasm2beam")(:info) do
    %{
      abi: 2,
      source: "calculator.wasm",
      imports: [{"env", "log", {:func, {[:i32], []}, :host}}],
      exports: [
        {"memory", {:memory, 0}},
        {"add", {:func, 1, {[:i32, :i32], [:i32]}, {:add, :plain}}},
        {"div", {:func, 2, {[:i32, :i32], [:i32]}, {:div, :plain}}},
        {"log_twice", {:func, 3, {[:i32], []}, {:log_twice, :plain}}},
        {"swap", {:func, 4, {[:i64, :f64], [:f64, :i64]}, {:swap, :plain}}}
      ],
      memories: [{1, 2}],
      tables: [],
      globals: [],
      start: :none,
      elements: [],
      data: [],
      functions: {0, 1, 1, 0, 2},
      types: {{[:i32], []}, {[:i32, :i32], [:i32]}, {[:i64, :f64], [:f64, :i64]}},
      callable: %{}
    }
  end

  def unquote(:"$wasm2beam")(_), do: :undefined

  def add(handle, a, b) do
    :wasm2beam_instance.enter(handle, __MODULE__)
    from_i32(:wasm2beam_int.i32_add(to_i32(a), to_i32(b)))
  end

  def div(handle, a, b) do
    :wasm2beam_instance.enter(handle, __MODULE__)
    from_i32(:wasm2beam_int.i32_div_s(to_i32(a), to_i32(b)))
  end

  def log_twice(handle, a) do
    log = elem(:wasm2beam_instance.enter(handle, __MODULE__), @log - 1)
    value = from_i32(to_i32(a))
    log.(value)
    log.(value)
    :ok
  end

  def swap(handle, a, b) do
    :wasm2beam_instance.enter(handle, __MODULE__)
    {high, low} = to_i64(a)
    {to_f64(b), from_i64(high, low)}
  end
end
