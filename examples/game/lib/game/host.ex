defmodule Game.Host do
  @moduledoc """
  What plug-ins can do to the world: host functions of the module `game`.

  They run in the process of the server, which lays the world into its process dictionary for them (`with_world/2`). A place is
  one number for them, y * 256 + x.
  """

  alias Game.World
  alias Wasm2Beam.Extism.{CurrentPlugin, Function}

  @key {__MODULE__, :world}
  # Half of the square that a monster sees.
  @sight 5

  @doc "Calls `fun`, which calls plug-ins: its result and the world as it is then. Where `fun` raises, nothing is kept."
  @spec with_world(World.t(), (() -> result)) :: {result, World.t()} when result: term()
  def with_world(world, fun) do
    Process.put(@key, world)
    {fun.(), Process.get(@key)}
  after
    Process.delete(@key)
  end

  @doc "The monsters of the world that is laid out."
  @spec monsters() :: [non_neg_integer()]
  def monsters, do: World.monsters(world())

  @doc "The host functions."
  @spec functions() :: [Function.t()]
  def functions do
    [
      function("place_of", [:i32], [:i32], fn current, actor -> place_number(actor(current, actor).place) end),
      function("tile_at", [:i32], [:i32], fn _, place -> World.tile_at(world(), place(place)) end),
      function("actor_at", [:i32], [:i32], fn _, place -> World.actor_at(world(), place(place)) || -1 end),
      function("is_player", [:i32], [:i32], fn current, actor ->
        if actor(current, actor).player?, do: 1, else: 0
      end),
      function("strength_of", [:i32], [:i32], fn current, actor -> actor(current, actor).strength end),
      function("name_of", [:i32], [:string], fn current, actor -> actor(current, actor).name end),
      function("put_at", [:i32, :i32], [], fn current, actor, place ->
        actor(current, actor)
        change(&World.update_actor(&1, actor, %{place: place(place)}))
      end),
      function("hurt", [:i32, :i32], [:i32], fn current, actor, points ->
        actor(current, actor)
        change(&World.hurt(&1, actor, max(points, 0)))
        world().actors[actor].health
      end),
      function("take_gold", [:i32, :i32], [:i32], fn current, actor, place ->
        actor(current, actor)
        if World.tile_at(world(), place(place)) != ?$, do: CurrentPlugin.fail(current, "there is no gold")
        draw(&World.take_gold(&1, actor, place(place)))
      end),
      function("leave", [:i32], [], fn current, actor ->
        actor(current, actor)
        change(&World.update_actor(&1, actor, %{place: nil, left?: true}))
      end),
      function("look", [:i32], [:bytes], fn current, actor ->
        case actor(current, actor).place do
          nil -> CurrentPlugin.fail(current, "the dead do not look")
          place -> World.around(world(), place, @sight)
        end
      end),
      function("roll", [:i32], [:i32], fn current, sides ->
        if sides < 1, do: CurrentPlugin.fail(current, "a die has sides")
        draw(&World.roll(&1, sides))
      end),
      function("tell", [:string], [], fn _, text -> change(&World.tell(&1, text)) end)
    ]
  end

  defp function(name, params, results, fun), do: Function.new(name, params, results, fun, namespace: "game")

  # What plug-ins say is checked: they are guests.
  defp actor(current, number) do
    case world().actors do
      %{^number => actor} -> actor
      _ -> CurrentPlugin.fail(current, "there is no actor #{number}")
    end
  end

  defp place(number), do: {rem(number, 256), div(number, 256)}

  defp place_number(nil), do: -1
  defp place_number({x, y}), do: y * 256 + x

  defp world, do: Process.get(@key)

  defp change(fun), do: Process.put(@key, fun.(world()))

  defp draw(fun) do
    {world, value} = fun.(world())
    Process.put(@key, world)
    value
  end
end
