defmodule Wasm2Beam.Extism.Plugin do
  @moduledoc """
  A plug-in: functions that take bytes and give bytes.

      {:ok, plugin} = Plugin.new(%{wasm: [%{path: "rules.wasm"}]}, functions: functions)
      {:ok, output} = Plugin.call(plugin, "move", "e2e4")
      :ok = Plugin.free(plugin)

  A plug-in belongs to the process that made it: its functions run there, as do the host functions that they call, and it ends with
  that process at the latest. Other processes ask that one; only `cancel/1` is for them. Variables of the plug-in, and the memory of
  its modules, live from call to call.

  Functions return `{:error, message}`; those with an exclamation mark raise a `Wasm2Beam.Extism.Error`, which tells more. What a host
  function raises passes through both unchanged.
  """

  alias Wasm2Beam.Extism.{CancelHandle, Error, Function}
  alias Wasm2Beam.Failure

  @enforce_keys [:plugin]
  defstruct @enforce_keys

  @type t :: %__MODULE__{plugin: :wasm2beam_extism.plugin()}

  @typedoc """
  `:wasi` - whether the plug-in has WASI, or options of `Wasm2Beam.Wasi` for it, such as `[stdout: :inherit]`; false if not given.
  `:functions` - host functions, see `Wasm2Beam.Extism.Function`. `:config` - a map that is added to the manifest's `config`.
  `:log_level` - what of the plug-in's logs is passed on: `:trace`, `:debug`, `:info`, `:warn`, `:error`, `:off`; if not given, as the logger
  has it.
  """
  @type options :: [
          wasi: boolean() | Wasm2Beam.Wasi.options(),
          functions: [Function.t()],
          config: %{optional(String.t()) => String.t()},
          log_level: atom()
        ]

  @typedoc "A manifest, as a map or as JSON text, the bytes of a module, or the name of a compiled module."
  @type source :: Wasm2Beam.Extism.Manifest.t() | binary() | module()

  @doc """
  Makes a plug-in. In place of options may stand whether it has WASI.

      iex> {:ok, plugin} = Wasm2Beam.Extism.Plugin.new(%{wasm: [%{module: EchoPlugin}]}, false)
      iex> Wasm2Beam.Extism.Plugin.call(plugin, "echo", "bytes")
      {:ok, "bytes"}
      iex> Wasm2Beam.Extism.Plugin.new(%{wasm: 123}, false)
      {:error, "wasm: expected an array"}
  """
  @spec new(source(), boolean() | options()) :: {:ok, t()} | {:error, String.t()}
  def new(source, options \\ []), do: source |> make(options) |> plain()

  @doc "As `new/2`, but returns the plug-in or raises."
  @spec new!(source(), boolean() | options()) :: t()
  def new!(source, options \\ []), do: source |> make(options) |> raised()

  defp make(source, options) do
    options = normalize(options)

    Failure.raise_converted(fn ->
      with {:ok, plugin} <- :wasm2beam_extism.new(source(source), options), do: {:ok, %__MODULE__{plugin: plugin}}
    end)
  end

  @doc """
  Calls a function of the plug-in with any bytes; the output is any bytes. Host functions get the `:context` by
  `Wasm2Beam.Extism.CurrentPlugin.context/1`.

      iex> {:ok, plugin} = Wasm2Beam.Extism.Plugin.new(EchoPlugin)
      iex> Wasm2Beam.Extism.Plugin.call(plugin, "fail", "out of luck")
      {:error, "out of luck"}
      iex> Wasm2Beam.Extism.Plugin.call(plugin, "unknown", "")
      {:error, "Function not found: unknown"}
  """
  @spec call(t(), String.t() | atom(), iodata(), context: term()) :: {:ok, binary()} | {:error, String.t()}
  def call(plugin, name, input, options \\ []), do: plugin |> run(name, input, options) |> plain()

  @doc """
  As `call/4`, but returns the output or raises.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!(EchoPlugin)
      iex> Wasm2Beam.Extism.Plugin.call!(plugin, "fail", "out of luck")
      ** (Wasm2Beam.Extism.Error) out of luck
  """
  @spec call!(t(), String.t() | atom(), iodata(), context: term()) :: binary()
  def call!(plugin, name, input, options \\ []), do: plugin |> run(name, input, options) |> raised()

  defp run(%__MODULE__{plugin: plugin}, name, input, options) do
    [context: context] = Keyword.merge([context: nil], options)
    :wasm2beam_extism.call(plugin, name, input, context)
  end

  @doc """
  Whether the plug-in has a function that can be called by this name.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!(EchoPlugin)
      iex> {Wasm2Beam.Extism.Plugin.function_exists?(plugin, "echo"), Wasm2Beam.Extism.Plugin.function_exists?(plugin, "other")}
      {true, false}
  """
  @spec function_exists?(t(), String.t() | atom()) :: boolean()
  def function_exists?(%__MODULE__{plugin: plugin}, name), do: :wasm2beam_extism.function_exists(plugin, name)

  @doc """
  As `function_exists?/2`.

      iex> Wasm2Beam.Extism.Plugin.has_function(Wasm2Beam.Extism.Plugin.new!(EchoPlugin), "echo")
      true
  """
  @spec has_function(t(), String.t() | atom()) :: boolean()
  def has_function(plugin, name), do: function_exists?(plugin, name)

  @doc """
  Gives up all blocks of the memory that host and plug-in share. Variables, and the modules' own memories, stay.

      iex> Wasm2Beam.Extism.Plugin.reset(Wasm2Beam.Extism.Plugin.new!(EchoPlugin))
      :ok
  """
  @spec reset(t()) :: :ok | {:error, String.t()}
  def reset(%__MODULE__{plugin: plugin}), do: plain(:wasm2beam_extism.reset(plugin))

  @doc """
  Ends the call of the plug-in that is going on, from any process of its node; that call returns `{:error, "cancelled"}`. The plug-in is
  stopped at its next loop or call, and where it waits for an answer to its `http_request`; a host function of yours finishes first. Where no
  call is going on nothing happens.

  It is for modules that arrived as bytes, and for compiled ones that were compiled with `--fuel`.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!(~s|(module (func (export "spin") (loop (br 0))))|)
      iex> Wasm2Beam.Extism.Plugin.cancel(plugin)
      :ok
  """
  @spec cancel(t()) :: :ok | {:error, String.t()}
  def cancel(%__MODULE__{plugin: plugin}), do: plain(:wasm2beam_extism.cancel(plugin))

  @doc """
  What `Wasm2Beam.Extism.CancelHandle.cancel/1` takes.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!(EchoPlugin)
      iex> Wasm2Beam.Extism.Plugin.cancel_handle(plugin)
      %Wasm2Beam.Extism.CancelHandle{plugin: plugin}
  """
  @spec cancel_handle(t()) :: CancelHandle.t()
  def cancel_handle(%__MODULE__{} = plugin), do: %CancelHandle{plugin: plugin}

  @doc """
  Ends the plug-in. Doing it twice is no error.

      iex> plugin = Wasm2Beam.Extism.Plugin.new!(EchoPlugin)
      iex> Wasm2Beam.Extism.Plugin.free(plugin)
      :ok
      iex> Wasm2Beam.Extism.Plugin.call(plugin, "echo", "")
      {:error, "Plugin has already been freed"}
  """
  @spec free(t()) :: :ok | {:error, String.t()}
  def free(%__MODULE__{plugin: plugin}), do: plain(:wasm2beam_extism.free(plugin))

  defp plain({:error, {:wasm_extism, _, %{message: message}}}), do: {:error, message}
  defp plain(result), do: result

  defp raised({:ok, value}), do: value
  defp raised({:error, reason}), do: raise(Error.new(reason))

  defp source(nil), do: nil
  defp source(module) when is_atom(module), do: {:module, module}
  defp source(source), do: source

  defp normalize(wasi) when is_boolean(wasi), do: %{wasi: wasi}

  defp normalize(options) do
    options
    |> Map.new()
    |> replace(:functions, fn functions -> Enum.map(functions, &function/1) end)
    |> replace(:config, fn config -> Map.new(config, fn {key, value} -> {to_string(key), value} end) end)
    |> replace(:wasi, fn wasi -> if Keyword.keyword?(wasi), do: Map.new(wasi), else: wasi end)
  end

  defp replace(options, key, change) do
    case options do
      %{^key => value} -> %{options | key => change.(value)}
      _ -> options
    end
  end

  defp function(%Function{} = function), do: Map.from_struct(function)
  defp function(other), do: other

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(%{plugin: {_, _, pid, _}}, options) do
      concat(["#Wasm2Beam.Extism.Plugin<", to_doc(pid, options), ">"])
    end
  end
end
