defmodule Wasm2Beam.Failure do
  @moduledoc false
  # From the runtime's error terms to exceptions. What is not the runtime's own, such as an exception of a host function,
  # passes through untouched, with its stack trace.

  alias Wasm2Beam.{CompileError, LimitError, LinkError, TrapError}

  @doc "The result of `fun`; an error of the runtime's as `{:error, exception}`."
  @spec capture((() -> result)) :: result | {:error, Exception.t()} when result: term()
  def capture(fun) do
    fun.()
  catch
    :error, reason -> {:error, convert(reason, __STACKTRACE__)}
  end

  @doc "The result of `fun`; an error of the runtime's is raised as an exception, with the stack trace it had."
  @spec raise_converted((() -> result)) :: result when result: term()
  def raise_converted(fun) do
    fun.()
  catch
    :error, reason -> reraise convert(reason, __STACKTRACE__), __STACKTRACE__
  end

  @doc "What an `:ok` tuple holds; the exception of an `:error` tuple is raised, a trap with the stack trace it had."
  @spec unwrap!({:ok, result} | {:error, Exception.t()}) :: result when result: term()
  def unwrap!({:ok, result}), do: result
  def unwrap!({:error, %TrapError{stacktrace: [_ | _] = stacktrace} = trap}), do: reraise(trap, stacktrace)
  def unwrap!({:error, exception}), do: raise(exception)

  @doc "The exception for an error term of the runtime's; nil for any other term."
  @spec exception(term(), Exception.stacktrace()) :: Exception.t() | nil
  def exception({:wasm_trap, reason}, stacktrace), do: trap(%TrapError{reason: reason, stacktrace: stacktrace})

  def exception({:wasm_trap, reason, details}, _stacktrace) do
    trap(%TrapError{reason: reason, in: details.in, stacktrace: Map.get(details, :stacktrace, [])})
  end

  def exception({:wasm_link, reason, details} = term, _stacktrace) do
    %LinkError{reason: reason, module: details.module, name: details.name, message: :wasm2beam_error.text(term)}
  end

  def exception({:wasm_limit, kind, %{needed: needed, limit: limit}} = term, _stacktrace) do
    %LimitError{kind: kind, needed: needed, limit: limit, message: :wasm2beam_error.text(term)}
  end

  def exception({:wasm_compile, kind, _details} = term, _stacktrace) do
    %CompileError{kind: kind, message: :wasm2beam_error.text(term)}
  end

  def exception({:wasm_value, _type, _value} = term, _stacktrace) do
    %ArgumentError{message: :wasm2beam_error.text(term)}
  end

  def exception({kind, _reason} = term, _stacktrace) when kind in [:wasm_snapshot, :wasm_upgrade] do
    %ArgumentError{message: :wasm2beam_error.text(term)}
  end

  def exception({:wasm_error, _reason} = term, _stacktrace) do
    %ArgumentError{message: :wasm2beam_error.text(term)}
  end

  def exception(_term, _stacktrace), do: nil

  defp trap(%TrapError{stacktrace: stacktrace} = trap) do
    case :wasm2beam_trace.innermost(stacktrace) do
      {function, at} -> %{trap | function: function, at: at}
      :none -> trap
    end
  end

  defp convert(reason, stacktrace) do
    exception(reason, stacktrace) || :erlang.raise(:error, reason, stacktrace)
  end
end
