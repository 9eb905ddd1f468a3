defmodule Wasm2Beam.DoctestsTest do
  # Every public function is called in an example of its module's documentation, and these examples are run.
  use ExUnit.Case, async: true

  {:ok, modules} = :application.get_key(:wasm2beam, :modules)

  @documented for module <- modules,
                  String.starts_with?(Atom.to_string(module), "Elixir.Wasm2Beam"),
                  {:docs_v1, _, _, _, doc, _, entries} <- [Code.fetch_docs(module)],
                  doc != :hidden,
                  do: {module, doc, entries}

  test "there are modules to look at" do
    assert {Wasm2Beam, _, _} = List.keyfind(@documented, Wasm2Beam, 0)
    assert length(@documented) > 8
  end

  for {module, module_doc, entries} <- @documented do
    examples =
      Enum.flat_map([module_doc | Enum.map(entries, &elem(&1, 3))], fn
        %{"en" => text} -> Regex.scan(~r/^ *(?:iex|\.\.\.)>.*/m, text)
        _hidden_or_none -> []
      end)

    # A name with several arities counts once.
    names =
      for {{:function, name, _}, _, _, doc, _} <- entries, doc != :hidden, name not in [:message, :exception], do: name

    for name <- Enum.uniq(names) do
      test "#{inspect(module)}.#{name} is called in an example" do
        called? =
          unquote(List.flatten(examples) |> Enum.join("\n")) =~ ~r/\b#{Regex.escape(unquote(Atom.to_string(name)))}\(/

        assert called?, "no example in the documentation of #{unquote(inspect(module))} calls #{unquote(name)}"
      end
    end
  end

  test "every documented module has a test file that runs them" do
    sources = Path.wildcard("test/**/*_test.exs") |> Enum.map_join("\n", &File.read!/1)

    for {module, doc, entries} <- @documented, Enum.any?([doc | Enum.map(entries, &elem(&1, 3))], &has_example?/1) do
      assert sources =~ ~r/doctest #{Regex.escape(inspect(module))}$/m, "no doctest of #{inspect(module)}"
    end
  end

  defp has_example?(%{"en" => text}), do: text =~ "iex>"
  defp has_example?(_none), do: false
end
