defmodule Wasm2Beam.Guest do
  @moduledoc false
  # What Wasm2Beam.Server and Wasm2Beam.Pool have in common: processes of their own for instances.

  @doc "Raises where one of the options that both take is not valid."
  @spec check_options!(keyword()) :: :ok
  def check_options!(options) do
    check!(:module, options[:module], module?(options[:module]))
    check!(:timeout, options[:timeout], timeout?(options[:timeout]))
    check!(:max_heap_bytes, options[:max_heap_bytes], positive?(options[:max_heap_bytes]))
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
