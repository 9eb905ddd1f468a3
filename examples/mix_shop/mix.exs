defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [
      app: :shop,
      version: "0.1.0",
      elixir: "~> 1.14",
      # wasm/ints.wat becomes Shop.Ints, wasm/prices.wat Shop.Prices.
      compilers: [:wasm2beam] ++ Mix.compilers(),
      # Without this chunk, which Mix would strip, compiled WebAssembly code runs at about half its speed.
      releases: [shop: [strip_beams: [keep: ["Type"]]]],
      deps: [{:wasm2beam, path: "../../erlang-shim/elixir"}]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
