defmodule Wasm2Beam.Guest do
  @moduledoc false
  # What Wasm2Beam.Server and Wasm2Beam.Pool have in common: processes of their own for instances.

  @doc "What both take, with what holds where it is not given."
  @spec defaults() :: keyword()
  def defaults do
    [:module, :name, imports: %{}, options: [], snapshot: nil, timeout: 5_000, max_heap_bytes: :infinity]
  end

  @doc "Raises where one of the options that both take is not valid."
  @spec check_options!(keyword()) :: :ok
  def check_options!(options) do
    snapshot = options[:snapshot]
    check!(:module, options[:module], module?(options[:module]))
    check!(:snapshot, snapshot, snapshot == nil or is_binary(snapshot) or is_function(snapshot, 0))
    check!(:timeout, options[:timeout], timeout?(options[:timeout]))
    check!(:max_heap_bytes, options[:max_heap_bytes], positive?(options[:max_heap_bytes]))
  end

  @doc "Starts the process of `module` with its checked options; a snapshot is in a fun then, which no report prints."
  @spec start_link(module(), keyword()) :: GenServer.on_start()
  def start_link(module, options) do
    {name, options} = Keyword.pop(options, :name)

    options =
      Keyword.update!(options, :snapshot, fn
        snapshot when is_binary(snapshot) -> fn -> snapshot end
        snapshot -> snapshot
      end)

    GenServer.start_link(module, struct!(module, options), if(name, do: [name: name], else: []))
  end

  @doc "A new instance, as the options of either say."
  @spec instantiate!(%{:module => Wasm2Beam.compiled(), optional(any()) => any()}) :: Wasm2Beam.instance()
  def instantiate!(%{module: module, imports: imports, options: options, snapshot: snapshot}) do
    if snapshot,
      do: Wasm2Beam.restore!(module, snapshot.(), imports, options),
      else: Wasm2Beam.instantiate!(module, imports, options)
  end

  @doc "Raises where a timeout is neither milliseconds nor `:infinity` nor `:default`."
  @spec check_timeout!(term()) :: :ok
  def check_timeout!(timeout), do: check!(:timeout, timeout, timeout == :default or timeout?(timeout))

  @doc "Raises an error about this option unless it is valid."
  @spec check!(atom(), term(), boolean()) :: :ok
  def check!(_key, _value, true), do: :ok
  def check!(key, value, false), do: raise(ArgumentError, "not a valid #{inspect(key)}: #{inspect(value)}")

  @doc "Whether a term is a bound of 1 or more, or none."
  @spec positive?(term()) :: boolean()
  def positive?(value), do: value == :infinity or (is_integer(value) and value > 0)

  @doc "Options for a process that ends when it has more than so many bytes."
  @spec heap_limit(pos_integer() | :infinity) :: [{:max_heap_size, map()}]
  def heap_limit(:infinity), do: []

  def heap_limit(bytes) do
    words = max(div(bytes, :erlang.system_info(:wordsize)), 1_000)
    [max_heap_size: %{size: words, kill: true, error_logger: false}]
  end

  @doc "What the function returns; an exception as an error."
  @spec attempt((() -> result)) :: {:ok, result} | {:error, Exception.t()} when result: term()
  def attempt(fun) do
    {:ok, fun.()}
  rescue
    error -> {:error, error}
  end

  defp module?(%Wasm2Beam.Module{}), do: true
  defp module?(module), do: is_atom(module) and module != nil

  defp timeout?(timeout), do: timeout == :infinity or (is_integer(timeout) and timeout >= 0)
end
