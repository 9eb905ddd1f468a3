defmodule Wasm2Beam.Extism do
  @moduledoc """
  Extism plug-ins with host functions: `Wasm2Beam.Extism.Plugin` makes and calls them.

      {:ok, plugin} = Wasm2Beam.Extism.Plugin.new(%{wasm: [%{path: "count_vowels.wasm"}]})
      {:ok, ~s({"count": 3})} = Wasm2Beam.Extism.Plugin.call(plugin, "count_vowels", "Hello, World!")

  What plug-ins log goes to `Logger`, in the domain `[:wasm2beam, :extism]`, with the guest's level as `:extism_level` in
  the metadata.
  """

  @handler :wasm2beam_extism_log_file
  @levels %{"trace" => :debug, "debug" => :debug, "info" => :info, "warn" => :warning, "error" => :error}

  @doc """
  Writes what plug-ins log to a file, too, from this level on; the second time it replaces the first file. What the logger's
  own level keeps back is not written.

      iex> file = Path.join(System.tmp_dir!(), "wasm2beam_extism_doctest.log")
      iex> Wasm2Beam.Extism.set_log_file(file, "debug")
      :ok
      iex> Wasm2Beam.Extism.set_log_file(file, "loud")
      {:error, "loud not a valid log level"}
      iex> :logger.remove_handler(:wasm2beam_extism_log_file)
      iex> File.rm!(file)
      :ok
  """
  @spec set_log_file(Path.t(), String.t()) :: :ok | {:error, String.t()}
  def set_log_file(file, level) do
    with {:ok, level} <- fetch_level(level) do
      _ = :logger.remove_handler(@handler)

      config = %{
        level: level,
        filter_default: :stop,
        filters: [plugins: {&:logger_filters.domain/2, {:log, :sub, [:wasm2beam, :extism]}}],
        config: %{file: String.to_charlist(Path.expand(file))}
      }

      case :logger.add_handler(@handler, :logger_std_h, config) do
        :ok -> :ok
        {:error, reason} -> {:error, "Did not set log file: #{inspect(reason)}"}
      end
    end
  end

  defp fetch_level(level) do
    case @levels do
      %{^level => logger_level} -> {:ok, logger_level}
      _ -> {:error, "#{level} not a valid log level"}
    end
  end
end
