defmodule Wasm2Beam.Host do
  @moduledoc """
  Modules of host functions, with their WebAssembly types.

      defmodule Shop.Host do
        use Wasm2Beam.Host

        @wasm {[:i32], [:i32]}
        def price(article), do: Shop.price(article)

        @wasm {[:i32, :i32], [], as: "log-line"}
        def log(instance, address, length) do
          Logger.info(Wasm2Beam.Memory.read!(instance, address, length))
        end
      end

      Wasm2Beam.instantiate(Shop.Prices, %{"shop" => Shop.Host})

  `@wasm` stands before a public function: the types of its parameters and of its results (`:i32`, `:i64`, `:f32`, `:f64`, `:funcref`,
  `:externref`). The function takes as many parameters, or one more: then the instance comes first. It is imported by its own
  name, or by the one that `:as` gives. `Wasm2Beam.instantiate/3` compares the types with those that the module imports, so that one that has
  changed is an error then and not in the middle of a call.

  The functions run in the process that calls the WebAssembly code, as all host functions do. The behaviour behind it is
  `wasm2beam_host`, with the one callback `wasm_functions/0`, which `use` defines.
  """

  @types [:i32, :i64, :f32, :f64, :funcref, :externref]

  @doc false
  defmacro __using__(_options) do
    quote do
      @behaviour :wasm2beam_host
      @on_definition Wasm2Beam.Host
      @before_compile Wasm2Beam.Host
      Module.register_attribute(__MODULE__, :wasm2beam_functions, accumulate: true)
    end
  end

  @doc false
  def __on_definition__(env, kind, name, arguments, _guards, _body) do
    case Module.delete_attribute(env.module, :wasm) do
      nil ->
        :ok

      declaration ->
        {import, type} = read(declaration, name, env)
        check_function(kind, name, length(arguments), type, env)
        Module.put_attribute(env.module, :wasm2beam_functions, {import, type, name})
    end
  end

  @doc false
  defmacro __before_compile__(env) do
    functions = env.module |> Module.get_attribute(:wasm2beam_functions) |> Enum.reverse()
    names = Enum.map(functions, &elem(&1, 0))

    case names -- Enum.uniq(names) do
      [] -> :ok
      [name | _] -> fail(env, "two functions are imported as #{inspect(name)}")
    end

    quote do
      @doc false
      @impl :wasm2beam_host
      def wasm_functions, do: unquote(Macro.escape(functions))
    end
  end

  defp read({parameters, results}, name, env), do: read({parameters, results, []}, name, env)

  defp read({parameters, results, options}, name, env) when is_list(parameters) and is_list(results) do
    for type <- parameters ++ results, type not in @types, do: fail(env, "not a WebAssembly type: #{inspect(type)}")

    case options do
      [] -> {Atom.to_string(name), {parameters, results}}
      [as: import] when is_binary(import) -> {import, {parameters, results}}
      _ -> fail(env, "the only option of @wasm is :as with a string, got: #{inspect(options)}")
    end
  end

  defp read(other, _name, env),
    do: fail(env, "@wasm is {parameters, results}, two lists of types, got: #{inspect(other)}")

  defp check_function(:def, _name, arity, {parameters, _}, _env) when (arity - length(parameters)) in [0, 1], do: :ok

  defp check_function(:def, name, arity, {parameters, _}, env) do
    count = length(parameters)

    fail(
      env,
      "#{name}/#{arity} has #{count} WebAssembly parameters, so it takes #{count}, or #{count + 1} with the instance"
    )
  end

  defp check_function(_kind, name, arity, _type, env), do: fail(env, "#{name}/#{arity} is not a public function")

  @spec fail(Macro.Env.t(), String.t()) :: no_return()
  defp fail(env, message), do: raise(CompileError, file: env.file, line: env.line, description: message)
end
