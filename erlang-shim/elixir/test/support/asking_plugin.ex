defmodule AskingPlugin do
  @moduledoc false
  # As EchoPlugin: written by hand, what the compiler would make of
  #
  #     (module
  #       (import "extism:host/env" "input_offset" (func $input (result i64)))
  #       (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  #       (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  #       (import "extism:host/user" "ask" (func $ask (param i64) (result i64)))
  #       (func (export "ask") (local $answer i64)
  #         (local.set $answer (call $ask (call $input)))
  #         (call $output (local.get $answer) (call $length (local.get $answer)))))

  @first 4

  def unquote(:"$wasm2beam")(:info) do
    env = "extism:host/env"
    types = {{[], [:i64]}, {[:i64], [:i64]}, {[:i64, :i64], []}, {[], []}}

    %{
      abi: 2,
      source: "asking.wasm",
      imports: [
        {env, "input_offset", {:func, elem(types, 0), :host}},
        {env, "length", {:func, elem(types, 1), :host}},
        {env, "output_set", {:func, elem(types, 2), :host}},
        {"extism:host/user", "ask", {:func, elem(types, 1), :host}}
      ],
      exports: [{"ask", {:func, 4, elem(types, 3), {:ask, :plain}}}],
      memories: [],
      tables: [],
      globals: [],
      start: :none,
      elements: [],
      data: [],
      functions: {0, 1, 2, 1, 3},
      types: types,
      callable: %{}
    }
  end

  def unquote(:"$wasm2beam")(_), do: :undefined

  def ask(handle) do
    state = :wasm2beam_instance.enter(handle, __MODULE__)
    [input, length, output, ask] = for index <- 0..3, do: elem(state, @first + index)
    answer = ask.(input.())
    output.(answer, length.(answer))
    :ok
  end
end
