defmodule Game.CLI do
  @moduledoc "The game at a terminal: `demo/0` plays one to its end, `play/0` lets you play."

  alias Game.{Server, World}

  @map """
  ####################
  #@..#.....$#.......#
  #...#..##..#..##...#
  #..$...#...r..#..$.#
  #...#..#...#..#....#
  ##.####..###..##.###
  #.....r..#......g..#
  #..$.....#..##.....#
  #........#..##..o..#
  #...##......##...$>#
  ####################
  """

  @keys %{"w" => "n", "d" => "e", "s" => "s", "a" => "w", "" => "."}

  @doc "The map of the game."
  @spec map() :: String.t()
  def map, do: @map

  @doc "Plays a game: the way out, gold on the way. Prints what happens."
  @spec demo(integer()) :: :ok
  def demo(seed \\ 6) do
    {:ok, game} = Server.start_link(map: @map, seed: seed)
    {:ok, player} = Server.join(game, "Ann")
    show(game, player)
    finish(game, player, walk(game, player, 200))
  end

  @doc "Lets you play: w, a, s, d and return, only return to wait, q to give up."
  @spec play() :: :ok
  def play do
    {:ok, game} = Server.start_link(map: @map, seed: :erlang.system_time())
    {:ok, player} = Server.join(game, "You")
    play(game, player)
  end

  defp play(game, player) do
    show(game, player)

    case {over(game, player), IO.gets("> ")} do
      {nil, line} when is_binary(line) and line != "q\n" ->
        case Server.move(game, player, Map.get(@keys, String.trim(line), line)) do
          {:ok, told} -> Enum.each(told, &IO.puts/1)
          {:error, message} -> IO.puts(message)
        end

        play(game, player)

      {how, _} ->
        finish(game, player, how)
    end
  end

  # Towards the nearest gold, then towards the way out, by the map alone.
  defp walk(_game, _player, 0), do: "is still there"

  defp walk(game, player, turns) do
    world = Server.world(game)
    direction = step(world, world.actors[player].place)

    case Server.move(game, player, direction) do
      {:ok, told} -> Enum.each(told, &IO.puts/1)
      {:error, message} -> IO.puts("(#{message})")
    end

    over(game, player) || walk(game, player, turns - 1)
  end

  defp step(world, place) do
    gold? = Enum.any?(world.tiles, fn {_, tile} -> tile == ?$ end)
    search([{place, nil}], MapSet.new([place]), world, if(gold?, do: ?$, else: ?>))
  end

  # Breadth first; each entry knows the first step that led to it.
  defp search([], _seen, _world, _wanted), do: "."

  defp search(entries, seen, world, wanted) do
    case Enum.find(entries, fn {place, _} -> World.tile_at(world, place) == wanted end) do
      {_, first} when first != nil ->
        first

      _ ->
        next =
          for {{x, y}, first} <- entries,
              {step, place} <- [{"n", {x, y - 1}}, {"e", {x + 1, y}}, {"s", {x, y + 1}}, {"w", {x - 1, y}}],
              World.tile_at(world, place) != ?#,
              place not in seen,
              do: {place, first || step}

        next = Enum.uniq_by(next, &elem(&1, 0))
        search(next, MapSet.union(seen, MapSet.new(next, &elem(&1, 0))), world, wanted)
    end
  end

  defp over(game, player) do
    case Server.world(game).actors[player] do
      %{left?: true} -> "got out"
      %{health: 0} -> "died"
      _ -> nil
    end
  end

  defp finish(game, player, how) do
    show(game, player)
    actor = Server.world(game).actors[player]
    IO.puts("#{actor.name} #{how || "gave up"} with #{actor.gold} pieces of gold.")
  end

  defp show(game, player) do
    world = Server.world(game)
    IO.puts([World.render(world), "\nhealth #{world.actors[player].health}"])
  end
end
