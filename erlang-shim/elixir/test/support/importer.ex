defmodule Importer do
  @moduledoc false
  # As Calculator: written by hand, what the compiler would make of
  #
  #     (module
  #       (import "math" "add" (func $add (param i32 i32) (result i32)))
  #       (memory (import "math" "memory") 1)
  #       (data (offset (i32.const 65530)) "seven!!")     ;; fits into two pages only
  #       (func (export "double") (param i32) (result i32) local.get 0 local.get 0 call $add))

  # The element of the state that holds the imported function: behind four fixed ones and one memory's two.
  @add 7

  def unquote(:"$wasm2beam")(:info) do
    %{
      abi: 2,
      source: "importer.wasm",
      imports: [
        {"math", "add", {:func, {[:i32, :i32], [:i32]}, :host}},
        {"math", "memory", {:memory, 1, 2}}
      ],
      exports: [{"double", {:func, 1, {[:i32], [:i32]}, {:double, :plain}}}],
      memories: [],
      tables: [],
      globals: [],
      start: :none,
      elements: [],
      data: [{{:active, 0, ["i32.const": 65_530]}, "seven!!"}],
      functions: {0, 1},
      types: {{[:i32, :i32], [:i32]}, {[:i32], [:i32]}},
      callable: %{}
    }
  end

  def unquote(:"$wasm2beam")(_), do: :undefined

  def double(handle, a) do
    elem(:wasm2beam_instance.enter(handle, __MODULE__), @add - 1).(a, a)
  end
end
