defmodule Wasm2Beam.Extism.Function do
  @moduledoc """
  Host functions for plug-ins.

      greeting = Function.new("greeting", [:string], [:string], fn name -> "Hello, " <> name end)
      {:ok, plugin} = Plugin.new(manifest, functions: [greeting])

  Types are `:i32`, `:i64`, `:f32`, `:f64`; `:ptr`, the handle of a block of memory as an integer; `:bytes` and `:string`, handles, too,
  of which the fun gets what the block holds, and a block is made of what it returns (`:string` is checked to be UTF-8 when it comes
  from the plug-in).

  The fun has a parameter for each of `params`, or one more: then a `Wasm2Beam.Extism.CurrentPlugin` comes first. It returns a value, a
  tuple for several results, or anything for none. It runs in the process that called the plug-in, and what it raises passes
  through that call.
  """

  @enforce_keys [:name, :namespace, :params, :results, :function]
  defstruct @enforce_keys

  @type value_type :: :i32 | :i64 | :f32 | :f64 | :ptr | :bytes | :string
  @type t :: %__MODULE__{
          name: String.t(),
          namespace: String.t(),
          params: [value_type()],
          results: [value_type()],
          function: function() | {module(), atom()}
        }

  @doc """
  A host function, in `extism:host/user` unless `:namespace` names another import module.

      iex> function = Wasm2Beam.Extism.Function.new("add", [:i32, :i32], [:i32], &Kernel.+/2, namespace: "math")
      iex> {function.namespace, function.name}
      {"math", "add"}
  """
  @spec new(String.t(), [value_type()], [value_type()], function() | {module(), atom()}, namespace: String.t()) :: t()
  def new(name, params, results, function, options \\ []) do
    [namespace: namespace] = Keyword.merge([namespace: "extism:host/user"], options)
    %__MODULE__{name: name, namespace: namespace, params: params, results: results, function: function}
  end
end
