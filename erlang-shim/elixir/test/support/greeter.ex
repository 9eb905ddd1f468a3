defmodule Greeter do
  @moduledoc false
  # A WASI command as the compiler makes them (docs/abi.md), written by hand so that these tests need no compiler:
  #
  #     (module
  #       (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  #       (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  #       (memory (export "memory") 1)
  #       (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  #       (data (i32.const 16) "hello\n")
  #       (func (export "_start") (call $exit (i32.add (call $write (i32.const 1) (i32.const 0) (i32.const 1)
  #         (i32.const 8)) (i32.const 3))))
  #       (func (export "greet") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  # Elements of the state that hold the imported functions: behind four fixed ones and one memory's two.
  @write 7
  @exit 8

  def unquote(:"$wasm2beam")(:info) do
    write = {[:i32, :i32, :i32, :i32], [:i32]}

    %{
      abi: 2,
      source: "greeter.wasm",
      imports: [
        {"wasi_snapshot_preview1", "fd_write", {:func, write, :host}},
        {"wasi_snapshot_preview1", "proc_exit", {:func, {[:i32], []}, :host}}
      ],
      exports: [
        {"memory", {:memory, 0}},
        {"_start", {:func, 2, {[], []}, {:_start, :plain}}},
        {"greet", {:func, 3, {[], [:i32]}, {:greet, :plain}}}
      ],
      memories: [{1, :none}],
      tables: [],
      globals: [],
      start: :none,
      elements: [],
      data: [
        {{:active, 0, ["i32.const": 0]}, <<16::little-32, 6::little-32>>},
        {{:active, 0, ["i32.const": 16]}, "hello\n"}
      ],
      functions: {0, 1, 2, 3},
      types: {write, {[:i32], []}, {[], []}, {[], [:i32]}},
      callable: %{}
    }
  end

  def unquote(:"$wasm2beam")(_), do: :undefined

  def _start(handle) do
    errno = greet(handle)
    exit = elem(:wasm2beam_instance.enter(handle, __MODULE__), @exit - 1)
    exit.(errno + 3)
    :ok
  end

  def greet(handle) do
    write = elem(:wasm2beam_instance.enter(handle, __MODULE__), @write - 1)
    write.(1, 0, 1, 8)
  end
end
