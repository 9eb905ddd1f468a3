defmodule Wasm2Beam.Project.Compiler do
  @moduledoc false
  # Runs the compiler, a program for Node, at build time: the one that the environment variable WASM2BEAM names, or else the one
  # that this package carries in its priv folder.

  defstruct [:node, :program, :fingerprint]

  @type t :: %__MODULE__{node: String.t(), program: String.t(), fingerprint: String.t()}

  @oldest_node 20

  @doc "The compiler on this machine, or what is missing."
  @spec find() :: {:ok, t()} | {:error, String.t()}
  def find do
    with {:ok, program} <- program(),
         {:ok, node} <- find_node() do
      {:ok, %__MODULE__{node: node, program: program, fingerprint: fingerprint(program)}}
    end
  end

  @doc """
  Compiles a file to a BEAM module for the OTP release that runs this build, with fuel or without. The error is the
  compiler's message.
  """
  @spec compile(t(), Path.t(), module(), Path.t(), boolean()) :: :ok | {:error, String.t()}
  def compile(compiler, source, module, beam, fuel?) do
    File.mkdir_p!(Path.dirname(beam))
    options = ["--module", Atom.to_string(module), "--otp", otp(), "-o", beam] ++ if(fuel?, do: ["--fuel"], else: [])

    case System.cmd(compiler.node, [compiler.program, "compile", source | options],
           stderr_to_stdout: true,
           env: [{"NO_COLOR", "1"}]
         ) do
      {_output, 0} -> :ok
      {output, status} -> {:error, message(output, status)}
    end
  end

  @doc "The release that files are written for: 25, 26, or 27 for all later ones."
  @spec otp() :: String.t()
  def otp, do: System.otp_release() |> String.to_integer() |> min(27) |> Integer.to_string()

  defp message(output, status) do
    case String.trim(output) do
      "" -> "the compiler ended with status #{status}"
      text -> text
    end
  end

  defp program do
    candidates = [System.get_env("WASM2BEAM"), Path.join(:wasm2beam_cells_loader.priv(), "wasm2beam.mjs")]

    case Enum.find(candidates, &(&1 && File.regular?(&1))) do
      nil -> {:error, "the compiler is missing in the package wasm2beam: in a checkout, run `make build`"}
      program -> {:ok, program |> Path.expand() |> resolve_links()}
    end
  end

  # npm puts a link to the program on the path.
  defp resolve_links(program) do
    case File.read_link(program) do
      {:ok, target} -> target |> Path.expand(Path.dirname(program)) |> resolve_links()
      {:error, _} -> program
    end
  end

  defp find_node do
    with node when is_binary(node) <- System.find_executable("node"),
         {"v" <> version, 0} <- System.cmd(node, ["--version"], stderr_to_stdout: true),
         {major, _} when major >= @oldest_node <- Integer.parse(version) do
      {:ok, node}
    else
      _ -> {:error, "Node #{@oldest_node} or newer, which compiles WebAssembly at build time, is not on the path"}
    end
  end

  # Changes whenever the compiler does: names, sizes and times of its files, which a program of npm's has beside it.
  defp fingerprint(program) do
    files = Path.wildcard(Path.expand("../dist/**/*.{js,ohm}", Path.dirname(program)))

    for file <- [program | files], {:ok, stat} <- [File.stat(file, time: :posix)], into: "" do
      "#{file}:#{stat.size}:#{stat.mtime}\n"
    end
    |> :erlang.md5()
    |> Base.encode16()
  end
end
