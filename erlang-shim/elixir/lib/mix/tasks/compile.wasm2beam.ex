defmodule Mix.Tasks.Compile.Wasm2beam do
  @shortdoc "Compiles WebAssembly modules of the project"
  @moduledoc """
  Compiles `wasm/*.wasm` and `wasm/*.wat` of a project to modules of its own.

  Put it before the other compilers in `mix.exs`:

      def project do
        [
          app: :shop,
          compilers: [:wasm2beam] ++ Mix.compilers(),
          ...

  Then `wasm/ints.wasm` becomes the module `Shop.Ints`, with a documented and typed function for each export, in front of
  `Shop.Ints.Wasm`, the compiled code itself, whose name is the one in stack traces:

      instance = Shop.Ints.instantiate!(%{env: %{log: &IO.inspect/1}})
      Shop.Ints.add(instance, 1, 2)

  The compiler runs on Node 20 or newer, at build time only. It compiles for the OTP release that builds, and again when
  the file, the compiler or the release has changed. The text of the typed modules is kept in the build folder, under
  `lib/APP/wasm2beam`.

  A release needs neither Node nor the compiler, but should keep the chunk that Mix strips by default and without which
  the code runs at about half its speed:

      releases: [shop: [strip_beams: [keep: ["Type"]]]]

  ## Configuration

  Under the key `:wasm2beam` of the project:

    * `:paths` - folders to look in, `["wasm"]` if not given
    * `:namespace` - module under which the modules are named; the application's name in camel case if not given
    * `:fuel` - `true` so that instructions are counted, and instances can have `:fuel` and `:timeout` and can be cancelled
    * `:initialize` - functions that are called once, when the project is built, by the name of the file without its extension: with
      `[interpreter: "_initialize"]` each instance of `wasm/interpreter.wasm` begins as that function left one. It is called without
      parameters, and may call nothing that the module imports but WASI, which has no folders, variables or arguments then.

  ## Options

    * `--force` - compiles all files
  """

  use Mix.Task.Compiler

  alias Mix.Task.Compiler.Diagnostic
  alias Wasm2Beam.Project.{Compiler, Wrapper}

  @manifest "compile.wasm2beam"
  @manifest_version 2

  @impl true
  def run(arguments) do
    {options, _, _} = OptionParser.parse(arguments, switches: [force: :boolean])
    entries = read_manifest()

    case sources() do
      {:ok, []} when entries == %{} -> {:noop, []}
      {:ok, sources} -> build(sources, entries, options[:force] || false)
      {:error, diagnostics} -> report(diagnostics)
    end
  end

  @impl true
  def manifests, do: [manifest()]

  @impl true
  def clean do
    for {_source, entry} <- read_manifest(), do: delete(entry.module)
    File.rm_rf!(folder())
    File.rm(manifest())
    :ok
  end

  defp build(sources, entries, force?) do
    kept = Map.new(sources, fn source -> {source.path, source} end)
    for {path, entry} <- entries, not same_module?(kept[path], entry), do: delete(entry.module)
    entries = Map.filter(entries, fn {path, entry} -> same_module?(kept[path], entry) end)

    with {:ok, compiler} <- compiler(sources) do
      key = {compiler && compiler.fingerprint, Compiler.otp(), System.version(), Wrapper.module_info(:md5), fuel?()}
      sources = Enum.map(sources, &Map.put(&1, :key, {:erlang.md5(File.read!(&1.path)), key, &1.initialize}))
      stale = if force?, do: sources, else: Enum.reject(sources, &fresh?(&1, entries[&1.path]))
      if stale != [], do: Mix.shell().info("Compiling #{length(stale)} #{files(stale)} (.wasm)")

      {entries, diagnostics} =
        Enum.reduce(stale, {entries, []}, fn source, {entries, diagnostics} ->
          case compile(compiler, source) do
            :ok -> {Map.put(entries, source.path, Map.take(source, [:module, :key])), diagnostics}
            {:error, message} -> {Map.delete(entries, source.path), [diagnostic(source.path, message) | diagnostics]}
          end
        end)

      write_manifest(entries)
      finish(stale, Enum.reverse(diagnostics))
    end
  end

  # Where no source is left, only what was made of them goes, and no compiler is needed.
  defp compiler([]), do: {:ok, nil}

  defp compiler([source | _]) do
    case Compiler.find() do
      {:ok, compiler} -> {:ok, compiler}
      {:error, message} -> report([diagnostic(source.path, message)])
    end
  end

  defp finish([], []), do: {:noop, []}
  defp finish(_stale, []), do: {:ok, []}
  defp finish(_stale, diagnostics), do: report(diagnostics)

  defp report(diagnostics) do
    for diagnostic <- diagnostics, do: Mix.shell().error(diagnostic.message)
    {:error, diagnostics}
  end

  defp files([_]), do: "file"
  defp files(_), do: "files"

  defp same_module?(nil, _entry), do: false
  defp same_module?(source, entry), do: source.module == entry.module

  defp fresh?(_source, nil), do: false

  defp fresh?(source, entry) do
    source.key == entry.key and Enum.all?([source.module, raw(source.module)], &File.regular?(beam(&1)))
  end

  defp compile(compiler, %{path: path, module: module, initialize: function}) do
    raw = raw(module)
    delete(module)
    File.mkdir_p!(Path.dirname(generated(module, ".ex")))

    with :ok <- Compiler.compile(compiler, path, raw, beam(raw), fuel?()),
         {:module, ^raw} = :code.load_binary(raw, String.to_charlist(beam(raw)), File.read!(beam(raw))),
         {:ok, initial} <- initialize(module, path, function) do
      write_wrapper(module, path, initial)
    else
      {:error, message} ->
        delete(module)
        {:error, message}
    end
  end

  defp initialize(_module, _path, nil), do: {:ok, nil}

  defp initialize(module, path, function) do
    case :wasm2beam_initialize.run(raw(module), function) do
      {:ok, snapshot} ->
        file = generated(module, ".snapshot")
        File.write!(file, snapshot)
        {:ok, {function, file}}

      {:error, message} ->
        {:error, "#{path}: #{message}"}
    end
  end

  defp write_wrapper(module, path, initial) do
    raw = raw(module)
    source = Wrapper.source(module, raw, raw."$wasm2beam"(:info), &function_exported?(raw, &1, &2), path, initial)
    file = generated(module, ".ex")
    File.write!(file, source)
    [{^module, beam}] = with_compiler_options(fn -> Code.compile_string(source, file) end)
    File.write!(beam(module), beam)
    :ok
  end

  # As Mix has them for the project's own modules: documentation and what Dialyzer reads.
  defp with_compiler_options(fun) do
    before = Code.compiler_options(docs: true, debug_info: true, ignore_module_conflict: true)

    try do
      fun.()
    after
      Code.compiler_options(Enum.to_list(before))
    end
  end

  defp delete(module) do
    for module <- [module, raw(module)] do
      File.rm(beam(module))
      :code.purge(module)
      :code.delete(module)
    end

    for extension <- [".ex", ".snapshot"], do: File.rm(generated(module, extension))
  end

  # Files with the module each becomes, and the function to call at build time. An error where a name makes no module, or two
  # make the same, or a function is to be called of a file that is not there.
  defp sources do
    config = Mix.Project.config()
    options = config[:wasm2beam] || []
    namespace = options[:namespace] || config[:app] |> Atom.to_string() |> Macro.camelize() |> String.to_atom()

    initialize = Map.new(options[:initialize] || [], fn {name, function} -> {to_string(name), to_string(function)} end)

    sources =
      for folder <- options[:paths] || ["wasm"], path <- Path.wildcard(Path.join(folder, "*.{wasm,wat}")) do
        %{path: path, module: module(namespace, path), initialize: initialize[stem(path)]}
      end

    unknown =
      for {name, _function} <- initialize, name not in Enum.map(sources, &stem(&1.path)) do
        diagnostic("mix.exs", "mix.exs: there is no file #{name} to initialize")
      end

    unnamed = for %{path: path, module: nil} <- sources, do: diagnostic(path, "#{path}: the name makes no module")

    twice =
      for {module, [_, %{path: path} | _]} when module != nil <- Enum.group_by(sources, & &1.module) do
        diagnostic(path, "#{path}: another file becomes #{inspect(module)} too")
      end

    case unnamed ++ twice ++ unknown do
      [] -> {:ok, sources}
      diagnostics -> {:error, diagnostics}
    end
  end

  defp stem(path), do: path |> Path.basename() |> Path.rootname()

  defp fuel?, do: (Mix.Project.config()[:wasm2beam] || [])[:fuel] == true

  defp module(namespace, path) do
    name = path |> stem() |> String.replace(~r/[^A-Za-z0-9]+/, "_")
    name = name |> String.trim("_") |> Macro.camelize()
    if name =~ ~r/^[A-Z]/, do: Module.concat(namespace, name)
  end

  defp raw(module), do: Module.concat(module, Wasm)
  defp beam(module), do: Path.join(Mix.Project.compile_path(), "#{module}.beam")
  defp folder, do: Path.join(Mix.Project.app_path(), "wasm2beam")
  defp generated(module, extension), do: Path.join(folder(), Macro.underscore(module) <> extension)
  defp manifest, do: Path.join(Mix.Project.manifest_path(), @manifest)

  # The file is our own; one that is damaged, or of another version, means that everything is compiled again.
  defp read_manifest do
    with {:ok, content} <- File.read(manifest()),
         {@manifest_version, entries} <- :erlang.binary_to_term(content) do
      entries
    else
      _ -> %{}
    end
  rescue
    ArgumentError -> %{}
  end

  defp write_manifest(entries) do
    File.mkdir_p!(Path.dirname(manifest()))
    File.write!(manifest(), :erlang.term_to_binary({@manifest_version, entries}))
  end

  defp diagnostic(path, message) do
    %Diagnostic{compiler_name: "wasm2beam", file: Path.expand(path), message: message, position: 0, severity: :error}
  end
end
