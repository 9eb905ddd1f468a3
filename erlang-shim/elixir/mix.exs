# A link in the checkout, which npm leaves out of its packages.
priv = Path.join(__DIR__, "priv")
unless File.exists?(priv), do: File.ln_s!("../priv", priv)

defmodule Wasm2Beam.MixProject do
  use Mix.Project

  def project do
    [
      app: :wasm2beam,
      version: "0.1.0",
      description: "Runs WebAssembly modules that were compiled to ordinary BEAM modules",
      elixir: "~> 1.14",
      # The runtime itself is Erlang, shared with projects that use rebar3.
      erlc_paths: ["../src"],
      erlc_include_path: "../include",
      elixirc_paths: elixirc_paths(Mix.env()),
      deps: [],
      package: [licenses: ["Apache-2.0"]]
    ]
  end

  # As in ../src/wasm2beam.app.src.
  def application do
    [
      mod: {:wasm2beam_app, []},
      registered: [:wasm2beam_sup, :wasm2beam_compiler, :wasm2beam_pool],
      extra_applications: [:crypto]
    ]
  end

  defp elixirc_paths(:test), do: ["lib", "test/support"]
  defp elixirc_paths(_env), do: ["lib"]
end
