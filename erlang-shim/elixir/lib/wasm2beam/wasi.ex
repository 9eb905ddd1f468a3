defmodule Wasm2Beam.Wasi do
  @moduledoc """
  WASI preview 1: compiled programs with arguments, streams, files and an exit status.

      iex> Wasm2Beam.Wasi.run(Greeter, arguments: ["greeter"], stdout: :collect)
      {:ok, %{status: 3, stdout: "hello\\n", stderr: ""}}

  A program gets what it is given and nothing else. Without options it has no arguments, no environment, empty input,
  output that goes nowhere and no files; it can compute, tell the time and have random numbers.

  ## Options

    * `:arguments` - strings, the program's name first
    * `:environment` - a map or keyword list of strings
    * `:stdin` - `:empty`, iodata, `{:io, device}`, a fun from a length to bytes or `:eof`, `{:file, name}`,
      `{:descriptor, number}` of the operating system, or `:inherit`
    * `:stdout`, `:stderr` - `:discard`, `:collect`, `{:io, device}`, a fun that takes bytes, `{:send, pid, tag}` for
      messages `{tag, bytes}`, `{:descriptor, number}`, or `:inherit`
    * `:folders` - what the program finds as preopened: `{guest, host}` or `{guest, host, :ro}`, where the host's is the
      name of a folder or a file system, such as `memory/1` makes it
    * `:clock` - a fun from `:realtime`, `:monotonic`, `:process_cputime` or `:thread_cputime` to nanoseconds
    * `:sleep` - a fun that waits so many nanoseconds
    * `:random` - `{:seed, integer}`, or a fun from a length to bytes
    * `:max_descriptors` - open files at a time (1 024)
    * `:imports` - what the module imports besides, as for `Wasm2Beam.instantiate/3`
    * `:instance` - limits, as for `Wasm2Beam.instantiate/3`
  """

  alias Wasm2Beam.{Failure, Imports}

  @typedoc "An environment: arguments, streams and open files. It belongs to the process that made it."
  @type t :: :wasm2beam_wasi.wasi()

  @typedoc "How a program ended, and what streams that collect have collected."
  @type outcome :: %{status: non_neg_integer(), stdout: binary(), stderr: binary()}

  @type options :: keyword()

  @doc """
  Runs a command: makes an instance, calls `function`, closes everything.

      iex> {:error, error} = Wasm2Beam.Wasi.run(Greeter, argument: [])
      iex> Exception.message(error)
      "unknown option or bad value: argument => []"
  """
  @spec run(module(), options(), Wasm2Beam.name()) :: {:ok, outcome()} | {:error, Exception.t()}
  def run(module, options \\ [], function \\ "_start") do
    Failure.capture(fn ->
      with {:ok, options} <- normalize(options) do
        case :wasm2beam_wasi.run(module, options, function) do
          {:ok, status, output} -> {:ok, Map.put(output, :status, status)}
          {:error, reason} -> failed(reason)
        end
      end
    end)
  end

  @doc "As `run/3`, but returns the outcome or raises."
  @spec run!(module(), options(), Wasm2Beam.name()) :: outcome()
  def run!(module, options \\ [], function \\ "_start"), do: Failure.unwrap!(run(module, options, function))

  @doc """
  Starts a reactor: makes an instance and calls `function` where the module exports it. The exports are then called as
  those of any instance; `Wasm2Beam.close/1` and `close/1` end it. `{:exit, status}` where it has ended itself.

      iex> {:ok, instance, wasi} = Wasm2Beam.Wasi.start(Greeter, stdout: :collect)
      iex> Wasm2Beam.call!(instance, :greet)
      [0]
      iex> Wasm2Beam.Wasi.output(wasi, :stdout)
      "hello\\n"
      iex> Wasm2Beam.Wasi.catch_exit(wasi, fn -> Wasm2Beam.call!(instance, "_start") end)
      {:exit, 3}
      iex> Wasm2Beam.close(instance)
      iex> Wasm2Beam.Wasi.close(wasi)
      :ok
  """
  @spec start(module(), options(), Wasm2Beam.name()) ::
          {:ok, Wasm2Beam.instance(), t()} | {:exit, non_neg_integer()} | {:error, Exception.t()}
  def start(module, options \\ [], function \\ "_initialize") do
    Failure.capture(fn ->
      with {:ok, options} <- normalize(options),
           {:error, reason} <- :wasm2beam_wasi.start(module, options, function) do
        failed(reason)
      end
    end)
  end

  @doc """
  Calls `fun`, which calls the guest: `{:returned, result}`, or `{:exit, status}` where the guest has ended itself.
  """
  @spec catch_exit(t(), (() -> result)) :: {:returned, result} | {:exit, non_neg_integer()} when result: term()
  def catch_exit(wasi, fun), do: :wasm2beam_wasi.catch_exit(wasi, fun)

  @doc "What a stream that collects has collected so far."
  @spec output(t(), :stdout | :stderr) :: binary()
  def output(wasi, stream), do: Failure.raise_converted(fn -> :wasm2beam_wasi.output(wasi, stream) end)

  @doc "Closes an environment and the files that are open in it."
  @spec close(t()) :: :ok
  def close(wasi), do: :wasm2beam_wasi.close(wasi)

  @doc """
  A file system in memory, with these files. It ends with the process that made it.

      iex> files = Wasm2Beam.Wasi.memory(%{"etc/name" => "Ann"})
      iex> Wasm2Beam.Wasi.run!(Greeter, folders: [{"/", files, :ro}]).status
      3
      iex> Wasm2Beam.Wasi.files(files)
      %{"etc/name" => "Ann"}
  """
  @spec memory(%{optional(String.t()) => iodata()}, limit: non_neg_integer()) :: {module(), term()}
  def memory(files \\ %{}, options \\ []) do
    Failure.raise_converted(fn -> :wasm2beam_wasi_fs_memory.new(files, Map.new(options)) end)
  end

  @doc "The files of a file system in memory, by their paths."
  @spec files({module(), term()}) :: %{optional(String.t()) => binary()}
  def files(memory), do: :wasm2beam_wasi_fs_memory.to_map(memory)

  defp failed(reason), do: {:error, Failure.exception(reason, []) || reason}

  defp normalize(options) do
    options = if Keyword.keyword?(options), do: Map.new(options), else: options

    with %{imports: imports} <- options, {:ok, imports} <- Imports.normalize(imports) do
      {:ok, normalize_limits(%{options | imports: imports})}
    else
      {:error, exception} -> {:error, exception}
      options -> {:ok, normalize_limits(options)}
    end
  end

  defp normalize_limits(%{instance: limits} = options) when is_list(limits), do: %{options | instance: Map.new(limits)}
  defp normalize_limits(options), do: options
end
