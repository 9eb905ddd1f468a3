defmodule Wasm2Beam.Imports do
  @moduledoc false

  @doc """
  Imports as the runtime takes them: maps with strings as keys, from maps or keyword lists with strings or atoms. An error
  is a key that is no name, or a name that is given twice.
  """
  @spec normalize(Wasm2Beam.imports() | keyword()) :: {:ok, map()} | {:error, Exception.t()}
  def normalize(imports) do
    {:ok, by_name(imports, &space/1)}
  rescue
    error in ArgumentError -> {:error, error}
  end

  defp space(%Wasm2Beam.Instance{} = instance), do: instance
  defp space(space) when is_map(space) or is_list(space), do: by_name(space, &Function.identity/1)
  defp space(other), do: other

  defp by_name(entries, convert) when is_map(entries) or is_list(entries) do
    Enum.reduce(entries, %{}, fn
      {key, value}, named ->
        put_new(named, name(key), convert.(value))

      other, _named ->
        raise ArgumentError, "expected a name and what is imported by it, got: #{inspect(other)}"
    end)
  end

  defp by_name(other, _convert), do: raise(ArgumentError, "expected a map of imports, got: #{inspect(other)}")

  defp put_new(named, name, _value) when is_map_key(named, name) do
    raise ArgumentError, "the import #{inspect(name)} is given twice"
  end

  defp put_new(named, name, value), do: Map.put(named, name, value)

  defp name(key) when is_binary(key), do: key
  defp name(key) when is_atom(key), do: Atom.to_string(key)

  defp name(key),
    do: raise(ArgumentError, "expected an atom or a string as the name of an import, got: #{inspect(key)}")
end
