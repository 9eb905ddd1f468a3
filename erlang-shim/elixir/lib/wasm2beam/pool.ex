defmodule Wasm2Beam.Pool do
  @moduledoc """
  Calls that need no state from one to the next, each with a new instance in a process of its own.

      children = [{Wasm2Beam.Pool, name: Prices, module: Shop.Prices, imports: %{shop: Shop.Host}, size: 8}]

      Supervisor.start_link(children, strategy: :one_for_one)
      {:ok, [total]} = Wasm2Beam.Pool.call(Prices, :total)

  Nothing that one call leaves in memory or globals is seen by another, and all of it is gone with the process. So many
  calls as the pool's size run at the same time; others wait in line. An instance of a small module takes some microseconds to make; where a module has
  to do much before it can be called, `Wasm2Beam.Server` keeps one.

  ## Options

    * `:module` - the compiled module, by name or as `Wasm2Beam.compile/2` gave it; must be given
    * `:imports`, `:options` - as for `Wasm2Beam.instantiate/3`. Host functions run in the processes of the calls.
    * `:snapshot` - what instances begin with, as `Wasm2Beam.restore/4` takes it, or a function that gives it
    * `:size` - calls that run at the same time; as many as there are schedulers if not given
    * `:max_queue` - calls that may wait in line, or `:infinity`; 1 000 if not given
    * `:timeout` - milliseconds for a call that names no other, from when it is begun, or `:infinity`; 5 000 if not given
    * `:max_heap_bytes` - memory that the process of a call may have; without limit if not given
    * `:name` - as for `GenServer.start_link/3`
  """

  use GenServer

  alias Wasm2Beam.{Failure, Guest, StoppedError}

  defstruct [
    :module,
    :imports,
    :options,
    :snapshot,
    :size,
    :max_queue,
    :timeout,
    :max_heap_bytes,
    running: %{},
    waiting: 0,
    queue: :queue.new()
  ]

  @doc false
  def child_spec(options) do
    %{id: options[:name] || __MODULE__, start: {__MODULE__, :start_link, [options]}}
  end

  @doc """
  Starts a pool; the options are those above. Instances are made by the calls, and what is wrong with the imports is their error.

      iex> {:ok, pool} = Wasm2Beam.Pool.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}}, size: 2)
      iex> Wasm2Beam.Pool.call(pool, :add, [2, 3])
      {:ok, [5]}
  """
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options) do
    options = Keyword.validate!(options, [:size, max_queue: 1_000] ++ Guest.defaults())
    options = Keyword.put_new(options, :size, System.schedulers_online())
    Guest.check_options!(options)
    Guest.check!(:size, options[:size], is_integer(options[:size]) and options[:size] > 0)
    Guest.check!(:max_queue, options[:max_queue], options[:max_queue] == 0 or Guest.positive?(options[:max_queue]))
    Guest.start_link(__MODULE__, options)
  end

  @doc """
  Calls an exported function of a new instance, within `timeout` milliseconds (or `:infinity`) from when its turn has come.

      iex> sleep = fn _ -> Process.sleep(:infinity) end
      iex> {:ok, pool} = Wasm2Beam.Pool.start_link(module: Calculator, imports: %{env: %{log: sleep}})
      iex> {:error, error} = Wasm2Beam.Pool.call(pool, :log_twice, [1], 10)
      iex> Exception.message(error)
      "the call was stopped after 10 ms"
  """
  @spec call(GenServer.server(), Wasm2Beam.name(), [Wasm2Beam.value()], timeout() | :default) ::
          {:ok, [Wasm2Beam.value()]} | {:error, Exception.t()}
  def call(pool, name, arguments \\ [], timeout \\ :default) do
    run(pool, &Wasm2Beam.call!(&1, name, arguments), timeout)
  end

  @doc """
  As `call/4`, but returns the list of results or raises.

      iex> {:ok, pool} = Wasm2Beam.Pool.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Pool.call!(pool, :div, [1, 0])
      ** (Wasm2Beam.TrapError) wasm trap: integer divide by zero
  """
  @spec call!(GenServer.server(), Wasm2Beam.name(), [Wasm2Beam.value()], timeout() | :default) :: [Wasm2Beam.value()]
  def call!(pool, name, arguments \\ [], timeout \\ :default) do
    Failure.unwrap!(call(pool, name, arguments, timeout))
  end

  @doc """
  Runs a function with a new instance, in its process, and returns what it returns. An exception is an error.

      iex> {:ok, pool} = Wasm2Beam.Pool.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Pool.run(pool, fn instance ->
      ...>   Wasm2Beam.Memory.write!(instance, 0, "text")
      ...>   Wasm2Beam.Memory.read!(instance, 1, 3)
      ...> end)
      {:ok, "ext"}
  """
  @spec run(GenServer.server(), (Wasm2Beam.instance() -> result), timeout() | :default) ::
          {:ok, result} | {:error, Exception.t()}
        when result: term()
  def run(pool, fun, timeout \\ :default) when is_function(fun, 1) do
    Guest.check_timeout!(timeout)
    GenServer.call(pool, {:run, fun, timeout}, :infinity)
  end

  # The pool

  @impl true
  def init(state) do
    # So that the end of a call is a message, and the end of the pool is seen by terminate/2.
    Process.flag(:trap_exit, true)
    {:ok, state}
  end

  @impl true
  def handle_call({:run, fun, timeout}, from, state) do
    timeout = if timeout == :default, do: state.timeout, else: timeout
    job = {from, fun, timeout}

    cond do
      map_size(state.running) < state.size -> {:noreply, start(job, state)}
      state.waiting < state.max_queue -> {:noreply, enqueue(job, state)}
      true -> {:reply, {:error, %StoppedError{reason: {:queue_full, state.max_queue}}}, state}
    end
  end

  @impl true
  def handle_info({:timeout, timer, worker}, state) do
    case state.running do
      %{^worker => {from, ^timer, timeout}} ->
        Process.exit(worker, :kill)
        GenServer.reply(from, {:error, %StoppedError{reason: {:timeout, timeout}}})
        # Its place is free when it has ended.
        {:noreply, put_in(state.running[worker], :stopped)}

      _ ->
        {:noreply, state}
    end
  end

  def handle_info({:EXIT, worker, reason}, state) when is_map_key(state.running, worker) do
    {job, running} = Map.pop!(state.running, worker)
    finish(job, reason)
    {:noreply, next(%{state | running: running})}
  end

  # What the end of a link or anybody else sends.
  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state) do
    for {worker, _job} <- state.running, do: Process.exit(worker, :kill)
  end

  defp enqueue(job, state), do: %{state | queue: :queue.in(job, state.queue), waiting: state.waiting + 1}

  defp next(state) do
    case :queue.out(state.queue) do
      {:empty, _} -> state
      {{:value, job}, queue} -> start(job, %{state | queue: queue, waiting: state.waiting - 1})
    end
  end

  defp start({from, fun, timeout}, state) do
    guest = Map.take(state, [:module, :imports, :options, :snapshot])

    work = fn ->
      result = Guest.attempt(fn -> fun.(Guest.instantiate!(guest)) end)
      GenServer.reply(from, result)
    end

    worker = :erlang.spawn_opt(work, [:link | Guest.heap_limit(state.max_heap_bytes)])
    timer = if timeout != :infinity, do: :erlang.start_timer(timeout, self(), worker)
    put_in(state.running[worker], {from, timer, timeout})
  end

  defp finish(:stopped, _reason), do: :ok

  defp finish({from, timer, _timeout}, reason) do
    if timer, do: :erlang.cancel_timer(timer)
    if reason != :normal, do: GenServer.reply(from, {:error, %StoppedError{reason: {:exit, reason}}})
  end
end
