# In the checkout the runtime's sources and the documents stand beside this project, which Erlang projects share; in the
# package (scripts/hex-package.sh) they are part of it.
packaged? = File.dir?(Path.join(__DIR__, "src"))

# A link in the checkout, which npm leaves out of its packages.
priv = Path.join(__DIR__, "priv")
unless File.exists?(priv), do: File.ln_s!("../priv", priv)

defmodule Wasm2Beam.MixProject do
  use Mix.Project

  @version "0.1.0"
  @sources if packaged?, do: "src", else: "../src"
  @documents if packaged?, do: ".", else: "../.."

  def project do
    [
      app: :wasm2beam,
      version: @version,
      description: "Compiles WebAssembly modules to ordinary BEAM modules and runs them: no NIF, no port",
      elixir: "~> 1.14",
      erlc_paths: [@sources],
      elixirc_paths: elixirc_paths(Mix.env()),
      deps: [],
      package: package(),
      name: "wasm2beam",
      homepage_url: "https://hexdocs.pm/wasm2beam",
      docs: docs()
    ]
  end

  # As in ../src/wasm2beam.app.src.
  def application do
    [
      mod: {:wasm2beam_app, []},
      registered: [:wasm2beam_sup, :wasm2beam_compiler, :wasm2beam_pool],
      # HTTP of plug-ins starts the optional ones.
      extra_applications: [:crypto, inets: :optional, ssl: :optional]
    ]
  end

  defp elixirc_paths(:test), do: ["lib", "test/support"]
  defp elixirc_paths(_env), do: ["lib"]

  defp package do
    [
      licenses: ["Apache-2.0"],
      maintainers: ["The maintainers of wasm2beam"],
      links: %{
        "Documentation" => "https://hexdocs.pm/wasm2beam",
        "Changelog" => "https://hexdocs.pm/wasm2beam/changelog.html"
      },
      build_tools: ["mix", "rebar3"],
      files: ~w(lib src priv rebar docs mix.exs README.md CHANGELOG.md LICENSE)
    ]
  end

  defp docs do
    guides = Path.wildcard(Path.join(@documents, "docs/guides/*.md"))
    # What the guides lead to.
    references = for name <- ["wasi", "fuel", "limits"], do: document("docs/#{name}.md")

    [
      main: "readme",
      source_ref: "v#{@version}",
      extras: [document("README.md")] ++ guides ++ references ++ [document("CHANGELOG.md"), document("LICENSE")],
      groups_for_extras: [Guides: guides, Reference: references],
      groups_for_modules: [
        "Errors and handles": ~r/Error$|Wasm2Beam\.(Instance|Module)$/,
        Extism: ~r/^Wasm2Beam\.Extism/
      ]
    ]
  end

  defp document(name), do: Path.join(@documents, name)
end
