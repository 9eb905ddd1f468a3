defmodule Game.Server do
  @moduledoc """
  A game: a world, and two plug-ins that know its rules and its monsters' minds. Players are other processes.

      {:ok, game} = Game.Server.start_link(map: map, seed: 1)
      {:ok, ann} = Game.Server.join(game, "Ann")
      {:ok, ["Ann finds 7 pieces of gold"]} = Game.Server.move(game, ann, "e")

  A move that a plug-in refuses, or in which it fails, has not happened: the world is as it was.
  """

  use GenServer

  alias Game.{Host, World}
  alias Wasm2Beam.Extism.Plugin

  @type direction :: String.t()

  @doc "Starts a game. Options: `:map` (see `Game.World`), `:seed`, and `:rules` and `:mind` in place of the game's own plug-ins."
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options), do: GenServer.start_link(__MODULE__, options)

  @doc "A new player."
  @spec join(GenServer.server(), String.t()) :: {:ok, non_neg_integer()}
  def join(game, name), do: GenServer.call(game, {:join, name})

  @doc "Moves a player (n, e, s, w, or a dot to wait), then all monsters: what happened, or why it did not."
  @spec move(GenServer.server(), non_neg_integer(), direction()) :: {:ok, [String.t()]} | {:error, String.t()}
  def move(game, player, direction), do: GenServer.call(game, {:move, player, direction})

  @doc "The world as it is."
  @spec world(GenServer.server()) :: World.t()
  def world(game), do: GenServer.call(game, :world)

  @impl true
  def init(options) do
    rules = options[:rules] || Game.Plugins.Rules
    mind = options[:mind] || Game.Plugins.Mind

    with {:ok, rules} <- plugin(rules), {:ok, mind} <- plugin(mind) do
      {:ok, %{rules: rules, mind: mind, world: World.new(options[:map], options[:seed] || 0)}}
    else
      {:error, message} -> {:stop, message}
    end
  end

  defp plugin(module) do
    Plugin.new(%{wasm: [%{module: module}], memory: %{max_pages: 16}}, functions: Host.functions())
  end

  @impl true
  def handle_call({:join, name}, _from, state) do
    {world, player} = World.add_player(state.world, name)
    {:reply, {:ok, player}, %{state | world: world}}
  end

  def handle_call({:move, player, direction}, _from, state) do
    case Host.with_world(%{state.world | told: []}, fn -> turn(state, player, direction) end) do
      {:ok, world} -> {:reply, {:ok, Enum.reverse(world.told)}, %{state | world: world}}
      {{:error, message}, _} -> {:reply, {:error, message}, state}
    end
  end

  def handle_call(:world, _from, state), do: {:reply, state.world, state}

  defp turn(state, player, direction) do
    with {:ok, _} <- Plugin.call(state.rules, "act", [player, direction]) do
      monsters(state)
    end
  end

  # What a monster may not do, it does not.
  defp monsters(state) do
    living = Host.monsters()

    with {:ok, moves} <- Plugin.call(state.mind, "plan", living) do
      for <<monster, direction <- moves>>, monster in living do
        Plugin.call(state.rules, "act", [monster, direction])
      end

      :ok
    end
  end
end
