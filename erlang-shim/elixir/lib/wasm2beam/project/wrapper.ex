defmodule Wasm2Beam.Project.Wrapper do
  @moduledoc false
  # Writes the Elixir module that stands before a compiled WebAssembly module: a function with `@spec` and `@doc` for each
  # export, and `instantiate`. Whatever comes from the WebAssembly module is printed by `inspect/1`, never pasted.

  @type info :: %{imports: list(), exports: list(), source: String.t()}

  @doc """
  The source of the module `name`, whose functions call those of `raw`. `info` is what `raw` says of itself, `exported?`
  whether it exports a function of a name and arity, `path` the file it was compiled from, within the project, `initial`
  the function that was called at build time and the file with the snapshot that it left, or nil.
  """
  @spec source(module(), module(), info(), (atom(), arity() -> boolean()), Path.t(), {String.t(), Path.t()} | nil) ::
          String.t()
  def source(name, raw, info, exported?, path, initial \\ nil) do
    functions = functions(info, exported?)

    """
    defmodule #{inspect(name)} do
      @moduledoc #{inspect(moduledoc(name, info, functions, path, initial), limit: :infinity, printable_limit: :infinity)}

      import Kernel, only: [@: 1, def: 2]
      @compile {:no_warn_undefined, #{inspect(raw)}}
      @external_resource #{inspect(path)}

      @doc false
      def unquote(:"$wasm2beam")(:module), do: #{inspect(raw)}
      #{snapshot(initial)}
      def unquote(:"$wasm2beam")(key), do: #{inspect(raw)}."$wasm2beam"(key)

      #{instantiation(raw, functions)}
      #{Enum.map_join(functions, "\n", &function(&1, raw))}
    end
    """
    |> Code.format_string!(line_length: 120)
    |> IO.iodata_to_binary()
    |> Kernel.<>("\n")
  end

  defp snapshot(nil), do: ""

  defp snapshot({_function, file}) do
    ~s|def unquote(:"$wasm2beam")(:snapshot), do: unquote(File.read!(#{inspect(file)}))|
  end

  # Name of the export, of the function, whether the instance comes first, and types.
  defp functions(info, exported?) do
    for {export, {:func, _index, {parameters, results}, {name, :plain}}} <- info.exports,
        stateful? <- [true, false],
        arity = length(parameters) + if(stateful?, do: 1, else: 0),
        exported?.(name, arity) and definable?(name, arity) do
      %{export: export, name: name, stateful?: stateful?, arity: arity, parameters: parameters, results: results}
    end
    |> Enum.uniq_by(&{&1.name, &1.arity})
  end

  defp definable?(name, arity) do
    not Macro.special_form?(name, arity) and
      {name, arity} not in [__info__: 1, __struct__: 0, __struct__: 1, @: 1, def: 2]
  end

  defp function(function, raw) do
    arguments = for index <- 1..length(function.parameters)//1, do: "arg#{index}"
    arguments = if function.stateful?, do: ["instance" | arguments], else: arguments
    types = Enum.map(function.parameters, &type/1)
    types = if function.stateful?, do: ["Wasm2Beam.instance()" | types], else: types
    name = "unquote(#{inspect(function.name)})"

    """
    @doc #{inspect(doc(function), printable_limit: :infinity)}
    @spec #{name}(#{Enum.join(types, ", ")}) :: #{result(function.results)}
    def #{name}(#{Enum.join(arguments, ", ")}) do
      #{inspect(raw)}.#{inspect(Atom.to_string(function.name))}(#{Enum.join(arguments, ", ")})
    end
    """
  end

  defp instantiation(raw, functions) do
    taken = for %{name: name, arity: arity} <- functions, arity <= 2, do: name

    [
      instantiate: "{:ok, Wasm2Beam.instance()} | {:error, Exception.t()}",
      instantiate!: "Wasm2Beam.instance()"
    ]
    |> Enum.reject(fn {name, _result} -> name in taken end)
    |> Enum.map_join("\n", fn {name, result} ->
      """
      @doc "Makes an instance in this process; see `Wasm2Beam.#{name}/3`."
      @spec #{name}(Wasm2Beam.imports(), Wasm2Beam.options()) :: #{result}
      def #{name}(imports \\\\ %{}, options \\\\ []) do
        Wasm2Beam.#{name}(#{inspect(raw)}, imports, options)
      end
      """
    end)
  end

  defp doc(%{stateful?: stateful?, parameters: parameters, results: results, export: export}) do
    where = if stateful?, do: "", else: " This module has no state, so that no instance is needed."
    "The export `#{export}` of type `#{signature(parameters, results)}`.#{where}"
  end

  defp moduledoc(name, info, functions, path, initial) do
    """
    Compiled from `#{path}`.#{beginning(initial)}

    `instantiate/2` makes an instance, which lives in the calling process and is the first argument of each function:

        {:ok, instance} = #{inspect(name)}.instantiate(%{})
    #{section("Imports", for({from, item, what} <- info.imports, do: "#{from}.#{item}: #{import_type(what)}"))}
    #{section("Reached by `Wasm2Beam.call/3` only", unnamed(info, functions))}
    """
    |> String.trim()
    |> Kernel.<>("\n")
  end

  defp beginning(nil), do: ""
  defp beginning({function, _file}), do: " Instances begin as `#{function}` left one at build time."

  defp unnamed(info, functions) do
    named = MapSet.new(functions, & &1.export)

    for {export, {:func, _index, {parameters, results}, _way}} <- info.exports, export not in named do
      "#{export}: #{signature(parameters, results)}"
    end
  end

  defp section(_title, []), do: ""
  defp section(title, lines), do: "\n## #{title}\n\n" <> Enum.map_join(lines, "\n", &"  * `#{&1}`") <> "\n"

  defp import_type({:func, {parameters, results}, _binding}), do: signature(parameters, results)
  defp import_type(other), do: inspect(other)

  defp signature(parameters, results), do: "(#{Enum.join(parameters, ", ")}) -> (#{Enum.join(results, ", ")})"

  defp result([]), do: ":ok"
  defp result([type]), do: type(type)
  defp result(types), do: "{#{Enum.map_join(types, ", ", &type/1)}}"

  defp type(type) when type in [:i32, :i64, :f32, :f64, :funcref, :externref], do: "Wasm2Beam.#{type}()"
  defp type(_other), do: "Wasm2Beam.value()"
end
