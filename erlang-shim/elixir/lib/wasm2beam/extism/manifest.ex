defmodule Wasm2Beam.Extism.Manifest do
  @moduledoc """
  Manifests: what a plug-in is made of, and what it may do.

  A manifest is a map, whose keys are atoms or strings, or the same as JSON text:

      %{
        wasm: [
          %{path: "lib.wasm", name: "lib"},
          %{url: "https://example.com/main.wasm", hash: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"}
        ],
        memory: %{max_pages: 64, max_http_response_bytes: 65_536, max_var_bytes: 4_096},
        config: %{"language" => "fr"},
        allowed_hosts: ["*.example.com"],
        allowed_paths: %{"ro:/srv/data" => "/data"},
        timeout_ms: 1_000
      }

  Each entry of `wasm` is one of `path`, `data` (the bytes, or base 64) and `url` (with `method` and `headers`), or `module`, the
  name of a module that was compiled with the project. Several are linked by their `name`s; the one named `main`, else the last,
  is the one whose functions are called. `hash` is the SHA-256 of the bytes. Unknown fields are errors.

  `max_pages` bounds what the memories of the modules, and the one that they share with the host, have together, in pages of 64 KiB; that
  one has 4,096 pages at most where nothing is said. `allowed_paths` lead from folders of the host to names that the guest knows
  them by, and count where WASI is on.
  """

  @type t :: map()

  @doc """
  Whether a manifest makes sense: the manifest, or what is wrong with it.

      iex> Wasm2Beam.Extism.Manifest.check(%{wasm: [%{path: "main.wasm"}], timeout_ms: 100})
      {:ok, %{wasm: [%{path: "main.wasm"}], timeout_ms: 100}}
      iex> Wasm2Beam.Extism.Manifest.check(%{wasm: [%{path: "main.wasm"}], timeout: 100})
      {:error, "manifest: unknown field timeout"}
      iex> Wasm2Beam.Extism.Manifest.check(~s({"wasm": [{}]}))
      {:error, "wasm[0]: expected one of path, data and url"}
  """
  @spec check(t() | String.t()) :: {:ok, t() | String.t()} | {:error, String.t()}
  def check(manifest) when is_map(manifest) or is_binary(manifest) do
    with {:ok, _} <- :wasm2beam_extism_manifest.parse(manifest), do: {:ok, manifest}
  end
end
