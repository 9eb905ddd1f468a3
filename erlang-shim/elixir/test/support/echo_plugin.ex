defmodule EchoPlugin do
  @moduledoc false
  # A plug-in as the compiler makes them (docs/abi.md), written by hand so that these tests need no compiler:
  #
  #     (module
  #       (import "extism:host/env" "input_offset" (func $input (result i64)))
  #       (import "extism:host/env" "input_length" (func $length (result i64)))
  #       (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  #       (import "extism:host/env" "error_set" (func $error (param i64)))
  #       (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  #       (func (export "fail") (result i32) (call $error (call $input)) (i32.const 3))
  #       (func (export "trap") unreachable))

  # The element of the state that holds the first imported function: behind four fixed ones.
  @first 4

  def unquote(:"$wasm2beam")(:info) do
    env = "extism:host/env"
    types = {{[], [:i64]}, {[:i64, :i64], []}, {[:i64], []}, {[], [:i32]}, {[], []}}

    %{
      abi: 2,
      source: "echo.wasm",
      imports: [
        {env, "input_offset", {:func, elem(types, 0), :host}},
        {env, "input_length", {:func, elem(types, 0), :host}},
        {env, "output_set", {:func, elem(types, 1), :host}},
        {env, "error_set", {:func, elem(types, 2), :host}}
      ],
      exports: [
        {"echo", {:func, 4, elem(types, 3), {:echo, :plain}}},
        {"fail", {:func, 5, elem(types, 3), {:fail, :plain}}},
        {"trap", {:func, 6, elem(types, 4), {:trap, :plain}}}
      ],
      memories: [],
      tables: [],
      globals: [],
      start: :none,
      elements: [],
      data: [],
      functions: {0, 0, 1, 2, 3, 3, 4},
      types: types,
      callable: %{}
    }
  end

  def unquote(:"$wasm2beam")(_), do: :undefined

  def echo(handle) do
    [input, length, output, _] = imports(handle)
    output.(input.(), length.())
    0
  end

  def fail(handle) do
    [input, _, _, error] = imports(handle)
    error.(input.())
    3
  end

  def trap(handle) do
    _ = imports(handle)
    :wasm2beam_trap.raise(:unreachable)
  end

  defp imports(handle) do
    state = :wasm2beam_instance.enter(handle, __MODULE__)
    for index <- 0..3, do: elem(state, @first + index)
  end
end
