defmodule GameTest do
  use ExUnit.Case, async: true

  alias Game.{Host, Server, World}
  alias Wasm2Beam.Extism.Plugin

  defp game(map, options \\ []) do
    game = start_supervised!({Server, [map: map, seed: 1] ++ options}, id: make_ref())
    {:ok, player} = Server.join(game, "Ann")
    {game, player}
  end

  test "players walk, and walls and people are in the way" do
    {game, ann} = game("####\n#@.#\n####\n")
    {:ok, bob} = Server.join(game, "Bob")
    assert Server.move(game, ann, "n") == {:error, "a wall is in the way"}
    assert Server.move(game, ann, "e") == {:error, "somebody is in the way"}
    assert Server.move(game, bob, ".") == {:ok, []}
    assert Server.move(game, ann, "x") == {:error, "no such direction"}
    assert Server.move(game, 77, "e") == {:error, "there is no actor 77"}
    assert World.render(Server.world(game)) == "####\n#@@#\n####"
  end

  test "gold is found, and the way out" do
    {game, ann} = game("#####\n#@$>#\n#####\n")
    assert {:ok, ["Ann finds " <> _]} = Server.move(game, ann, "e")
    assert Server.world(game).actors[ann].gold > 0
    assert Server.move(game, ann, "e") == {:ok, ["Ann leaves the dungeon"]}
    assert Server.world(game).actors[ann].left?
    assert Server.move(game, ann, "e") == {:error, "the dead do not move"}
  end

  test "monsters come, and fight" do
    {game, ann} = game("########\n#@....g#\n########\n")
    assert Server.move(game, ann, ".") == {:ok, []}
    assert World.render(Server.world(game)) == "########\n#@...g.#\n########"
    for _ <- 1..3, do: assert({:ok, []} = Server.move(game, ann, "."))
    assert {:ok, ["a goblin hits Ann for " <> points]} = Server.move(game, ann, ".")
    assert Server.world(game).actors[ann].health == 20 - String.to_integer(points)

    told = Enum.find_value(1..20, fn _ -> (told = moved(game, ann, "e")) && "a goblin dies" in told && told end)
    assert ["Ann hits a goblin for " <> _, "a goblin dies"] = told
    assert World.monsters(Server.world(game)) == []
  end

  defp moved(game, player, direction) do
    {:ok, told} = Server.move(game, player, direction)
    told
  end

  test "who kills becomes stronger, which the rules remember" do
    {game, ann} = game("########\n#@rrr..#\n########\n")
    # The wall at the end stops her.
    told = for _ <- 1..12, {:ok, told} <- [Server.move(game, ann, "e")], sentence <- told, do: sentence
    assert World.monsters(Server.world(game)) == []
    points = for "Ann hits a rat for " <> points <- told, do: String.to_integer(points)
    assert Enum.all?(points, &(&1 in 2..7))
    # Two kills, and never less than the two of her own.
    assert List.last(points) >= 4
  end

  test "a plug-in that fails changes nothing" do
    {game, ann} = game("#####\n#@$.#\n#####\n", mind: Game.Plugins.Rules)
    before = Server.world(game)
    assert {:error, "Function not found: plan"} = Server.move(game, ann, "e")
    assert Server.world(game) == before
  end

  test "host functions check what plug-ins say" do
    world = World.new("###\n#@#\n###\n", 1)
    mind = Plugin.new!(%{wasm: [%{module: Game.Plugins.Mind}]}, functions: Host.functions())
    assert {{:error, "there is no actor 9"}, _} = Host.with_world(world, fn -> Plugin.call(mind, "plan", <<9>>) end)
    assert {{:ok, ""}, _} = Host.with_world(world, fn -> Plugin.call(mind, "plan", "") end)
  end

  test "a game is played by many, and games are apart" do
    {game, ann} = game("######\n#@...#\n#....#\n######\n")
    {other, _} = game("###\n#@#\n###\n")
    players = [ann | for(name <- ["Bob", "Cat"], do: elem(Server.join(game, name), 1))]
    tasks = for player <- players, do: Task.async(fn -> for _ <- 1..50, do: Server.move(game, player, ".") end)
    assert tasks |> Task.await_many() |> List.flatten() |> Enum.all?(&(&1 == {:ok, []}))
    assert World.render(Server.world(other)) == "###\n#@#\n###"
  end
end
