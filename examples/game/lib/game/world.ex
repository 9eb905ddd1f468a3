defmodule Game.World do
  @moduledoc """
  All that there is in a game: tiles, actors, what was told. Plain data; who holds it is `Game.Server`.

  In a map, `#` is a wall, `.` floor, `$` gold and `>` the way out; letters are monsters, and `@` is where players arrive.
  """

  defstruct tiles: %{}, arrival: nil, actors: %{}, told: [], rolls: nil, width: 0, height: 0

  @type place :: {x :: non_neg_integer(), y :: non_neg_integer()}
  @type actor :: %{
          name: String.t(),
          sign: char(),
          player?: boolean(),
          place: place() | nil,
          health: non_neg_integer(),
          strength: pos_integer(),
          gold: non_neg_integer(),
          left?: boolean()
        }
  @type t :: %__MODULE__{}

  @monsters %{?r => {"a rat", 3, 1}, ?g => {"a goblin", 6, 2}, ?o => {"an ogre", 12, 4}}

  @doc "A world from a map; the seed makes its dice the same each time."
  @spec new(String.t(), integer()) :: t()
  def new(map, seed) do
    lines = String.split(map, "\n", trim: true)
    signs = for {line, y} <- Enum.with_index(lines), {sign, x} <- Enum.with_index(to_charlist(line)), do: {{x, y}, sign}
    world = %__MODULE__{rolls: :rand.seed_s(:exsss, seed), width: String.length(hd(lines)), height: length(lines)}
    Enum.reduce(signs, world, fn {place, sign}, world -> add_sign(world, place, sign) end)
  end

  defp add_sign(world, place, ?@), do: %{put_tile(world, place, ?.) | arrival: place}

  defp add_sign(world, place, sign) when is_map_key(@monsters, sign) do
    {name, health, strength} = @monsters[sign]
    actor = %{name: name, sign: sign, player?: false, place: place, health: health, strength: strength}
    world |> put_tile(place, ?.) |> add_actor(actor) |> elem(0)
  end

  defp add_sign(world, place, sign), do: put_tile(world, place, sign)

  defp put_tile(world, place, tile), do: %{world | tiles: Map.put(world.tiles, place, tile)}

  @doc "A new player where players arrive, or next to it."
  @spec add_player(t(), String.t()) :: {t(), non_neg_integer()}
  def add_player(world, name) do
    add_actor(world, %{name: name, sign: ?@, player?: true, place: free_place(world), health: 20, strength: 2})
  end

  defp add_actor(world, actor) do
    number = map_size(world.actors)
    actor = Map.merge(%{gold: 0, left?: false}, actor)
    {%{world | actors: Map.put(world.actors, number, actor)}, number}
  end

  defp free_place(%{arrival: {x, y}} = world) do
    nearest = for {{tx, ty} = place, ?.} <- world.tiles, do: {abs(tx - x) + abs(ty - y), place}
    {_, place} = nearest |> Enum.sort() |> Enum.find(fn {_, place} -> actor_at(world, place) == nil end)
    place
  end

  @doc "What lies at a place; beyond the map there are walls."
  @spec tile_at(t(), place()) :: char()
  def tile_at(world, place), do: Map.get(world.tiles, place, ?#)

  @doc "Who stands at a place, or nil."
  @spec actor_at(t(), place()) :: non_neg_integer() | nil
  def actor_at(world, place) do
    Enum.find_value(world.actors, fn {number, actor} -> if actor.place == place, do: number end)
  end

  @doc "Changes an actor."
  @spec update_actor(t(), non_neg_integer(), map()) :: t()
  def update_actor(world, number, changes) do
    %{world | actors: Map.update!(world.actors, number, &Map.merge(&1, changes))}
  end

  @doc "Takes points of an actor's health; who has none left is nowhere."
  @spec hurt(t(), non_neg_integer(), non_neg_integer()) :: t()
  def hurt(world, number, points) do
    health = max(world.actors[number].health - points, 0)
    changes = if health == 0, do: %{health: 0, place: nil}, else: %{health: health}
    update_actor(world, number, changes)
  end

  @doc "Gives the gold of a place to an actor: the new world and how much it was."
  @spec take_gold(t(), non_neg_integer(), place()) :: {t(), non_neg_integer()}
  def take_gold(world, number, place) do
    {world, gold} = roll(world, 20)
    world = world |> put_tile(place, ?.) |> update_actor(number, %{gold: world.actors[number].gold + gold})
    {world, gold}
  end

  @doc "A throw of a die with so many sides."
  @spec roll(t(), pos_integer()) :: {t(), pos_integer()}
  def roll(world, sides) do
    {value, rolls} = :rand.uniform_s(sides, world.rolls)
    {%{world | rolls: rolls}, value}
  end

  @doc "A sentence for the players."
  @spec tell(t(), String.t()) :: t()
  def tell(world, text), do: %{world | told: [text | world.told]}

  @doc "Monsters that live."
  @spec monsters(t()) :: [non_neg_integer()]
  def monsters(world), do: for({number, %{player?: false, place: {_, _}}} <- world.actors, do: number) |> Enum.sort()

  @doc "Signs in a square around a place, row by row: its half is so many cells wide."
  @spec around(t(), place(), non_neg_integer()) :: binary()
  def around(world, {x, y}, half) do
    for ty <- (y - half)..(y + half), tx <- (x - half)..(x + half), into: "", do: <<sign_at(world, {tx, ty})>>
  end

  @doc "The map as text."
  @spec render(t()) :: String.t()
  def render(world) do
    Enum.map_join(0..(world.height - 1), "\n", fn y ->
      for x <- 0..(world.width - 1), into: "", do: <<sign_at(world, {x, y})>>
    end)
  end

  defp sign_at(world, place) do
    case actor_at(world, place) do
      nil -> tile_at(world, place)
      number -> world.actors[number].sign
    end
  end
end
