defmodule Game.MixProject do
  use Mix.Project

  def project do
    [
      app: :game,
      version: "0.1.0",
      elixir: "~> 1.14",
      # run.sh builds the plug-ins to wasm/: rules.wasm becomes Game.Plugins.Rules, mind.wasm Game.Plugins.Mind.
      compilers: [:wasm2beam] ++ Mix.compilers(),
      wasm2beam: [namespace: Game.Plugins],
      deps: [{:wasm2beam, path: "../../erlang-shim/elixir"}]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
