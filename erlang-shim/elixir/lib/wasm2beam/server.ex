defmodule Wasm2Beam.Server do
  @moduledoc """
  An instance that other processes call, and that no call can occupy for ever.

      children = [
        {Wasm2Beam.Server, name: Prices, module: Shop.Prices, imports: %{shop: %{price: &price/1}}, timeout: 1_000}
      ]

      Supervisor.start_link(children, strategy: :one_for_one)
      {:ok, [total]} = Wasm2Beam.Server.call(Prices, :total)

  The instance lives in a process of its own, behind the server's. Calls are served one after the other, in the order in
  which they came. A call that takes longer than its timeout, or that `cancel/1` ends, is stopped, also in the middle of an endless
  loop. Where the module was compiled with fuel, the guest itself stops and the instance stays as it is then. Where it was not, or where a
  host function takes longer than `:grace`, that process ends; so it does where a call needs more memory than `:max_heap_bytes`. The server makes a
  new instance then and goes on: what the old one had in its memory and its globals is gone. An exception, such as a trap, ends nothing.

  Host functions run in the instance's process, not in the caller's.

  ## Options

    * `:module` - the compiled module, by name or as `Wasm2Beam.compile/2` gave it; must be given
    * `:imports`, `:options` - as for `Wasm2Beam.instantiate/3`
    * `:snapshot` - what instances begin with, as `Wasm2Beam.restore/4` takes it, or a function that gives it
    * `:timeout` - milliseconds for the making of an instance, and for a call that names no other, or `:infinity`; 5 000 if not
      given
    * `:max_heap_bytes` - memory that the instance's process may have; without limit if not given. A WebAssembly memory takes up to four
      times the bytes that were touched.
    * `:grace` - milliseconds that a call which is stopped has to come to an end; 100 if not given
    * `:name` - as for `GenServer.start_link/3`
  """

  use GenServer

  alias Wasm2Beam.{Guest, StoppedError, TrapError}

  # `running`: the call's reference, who waits, the timer, the timeout, and why it is being stopped, or nil.
  defstruct [
    :module,
    :imports,
    :options,
    :snapshot,
    :timeout,
    :max_heap_bytes,
    :grace,
    :worker,
    :instance,
    :running,
    queue: :queue.new()
  ]

  @doc false
  def child_spec(options) do
    %{id: options[:name] || __MODULE__, start: {__MODULE__, :start_link, [options]}}
  end

  @doc """
  Starts a server with its instance; the options are those above. The error is that of `Wasm2Beam.instantiate/3`.

      iex> {:ok, server} = Wasm2Beam.Server.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Server.call(server, :add, [2, 3])
      {:ok, [5]}
  """
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options) do
    options = Keyword.validate!(options, [grace: 100] ++ Guest.defaults())
    Guest.check_options!(options)
    Guest.check!(:grace, options[:grace], is_integer(options[:grace]) and options[:grace] >= 0)
    Guest.start_link(__MODULE__, options)
  end

  @doc """
  Calls an exported function, as `Wasm2Beam.call/3`, within `timeout` milliseconds (or `:infinity`). The time spent
  waiting for other calls does not count.

      iex> sleep = fn _ -> Process.sleep(:infinity) end
      iex> {:ok, server} = Wasm2Beam.Server.start_link(module: Calculator, imports: %{env: %{log: sleep}})
      iex> {:error, error} = Wasm2Beam.Server.call(server, :log_twice, [1], 10)
      iex> Exception.message(error)
      "the call was stopped after 10 ms"
      iex> Wasm2Beam.Server.call(server, :add, [2, 3])
      {:ok, [5]}
  """
  @spec call(GenServer.server(), Wasm2Beam.name(), [Wasm2Beam.value()], timeout() | :default) ::
          {:ok, [Wasm2Beam.value()]} | {:error, Exception.t()}
  def call(server, name, arguments \\ [], timeout \\ :default) do
    run(server, &Wasm2Beam.call!(&1, name, arguments), timeout)
  end

  @doc """
  As `call/4`, but returns the list of results or raises.

      iex> {:ok, server} = Wasm2Beam.Server.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Server.call!(server, :div, [1, 0])
      ** (Wasm2Beam.TrapError) wasm trap: integer divide by zero
  """
  @spec call!(GenServer.server(), Wasm2Beam.name(), [Wasm2Beam.value()], timeout() | :default) :: [Wasm2Beam.value()]
  def call!(server, name, arguments \\ [], timeout \\ :default) do
    Wasm2Beam.Failure.unwrap!(call(server, name, arguments, timeout))
  end

  @doc """
  Runs a function in the process of the instance and returns what it returns. An exception is an error.

  For what takes several steps, which no other call comes between:

      iex> {:ok, server} = Wasm2Beam.Server.start_link(module: Calculator, imports: %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Server.run(server, fn instance ->
      ...>   Wasm2Beam.Memory.write!(instance, 0, "text")
      ...>   Wasm2Beam.Memory.read!(instance, 1, 3)
      ...> end)
      {:ok, "ext"}
  """
  @spec run(GenServer.server(), (Wasm2Beam.instance() -> result), timeout() | :default) ::
          {:ok, result} | {:error, Exception.t()}
        when result: term()
  def run(server, fun, timeout \\ :default) when is_function(fun, 1) do
    Guest.check_timeout!(timeout)
    GenServer.call(server, {:run, fun, timeout}, :infinity)
  end

  @doc """
  Stops the call that is going on: its caller gets a `Wasm2Beam.StoppedError` with the reason `:cancelled`. Others that wait are served
  then. Where no call is going on nothing happens.

      iex> sleep = fn _ -> Process.sleep(:infinity) end
      iex> {:ok, server} = Wasm2Beam.Server.start_link(module: Calculator, imports: %{env: %{log: sleep}})
      iex> call = Task.async(fn -> Wasm2Beam.Server.call(server, :log_twice, [1]) end)
      iex> Process.sleep(50)
      iex> Wasm2Beam.Server.cancel(server)
      :ok
      iex> {:error, error} = Task.await(call)
      iex> Exception.message(error)
      "the call was cancelled"
  """
  @spec cancel(GenServer.server()) :: :ok
  def cancel(server), do: GenServer.call(server, :cancel, :infinity)

  # The server

  @impl true
  def init(state) do
    # So that the end of the instance is a message, and the end of the server is seen by terminate/2.
    Process.flag(:trap_exit, true)

    case start_worker(state) do
      {:ok, state} -> {:ok, state}
      {:error, error} -> {:stop, error}
    end
  end

  @impl true
  def handle_call({:run, fun, timeout}, from, state) do
    timeout = if timeout == :default, do: state.timeout, else: timeout
    next(%{state | queue: :queue.in({from, fun, timeout}, state.queue)})
  end

  def handle_call(:cancel, _from, %{running: {_reference, _caller, _timer, _timeout, nil}} = state) do
    {:noreply, state} = stop_call(state, :cancelled)
    {:reply, :ok, state}
  end

  def handle_call(:cancel, _from, state), do: {:reply, :ok, state}

  @impl true
  def handle_info({reference, result}, %{running: {reference, from, timer, _timeout, stopped}} = state) do
    if timer, do: Process.cancel_timer(timer)
    GenServer.reply(from, if(stopped && cancelled?(result), do: stopped_error(stopped), else: result))
    next(%{state | running: nil})
  end

  def handle_info({:timeout, reference}, %{running: {reference, _from, _timer, timeout, nil}} = state) do
    stop_call(state, {:timeout, timeout})
  end

  def handle_info({:kill, reference}, %{running: {reference, from, _timer, _timeout, stopped}} = state) do
    stop_worker(state.worker)
    replace_worker(from, stopped, state)
  end

  def handle_info({:EXIT, worker, reason}, %{worker: worker, running: {_reference, from, timer, _, stopped}} = state) do
    if timer, do: Process.cancel_timer(timer)
    replace_worker(from, stopped || {:exit, reason}, state)
  end

  def handle_info({:EXIT, worker, _reason}, %{worker: worker} = state), do: renew(state)

  # A timer that rang while its call ended, or what the end of a link or anybody else sends.
  def handle_info(_message, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state), do: stop_worker(state.worker)

  defp next(%{running: nil} = state) do
    case :queue.out(state.queue) do
      {:empty, _} ->
        {:noreply, state}

      {{:value, {from, fun, timeout}}, queue} ->
        reference = make_ref()
        send(state.worker, {reference, fun})
        timer = if timeout != :infinity, do: Process.send_after(self(), {:timeout, reference}, timeout)
        {:noreply, %{state | queue: queue, running: {reference, from, timer, timeout, nil}}}
    end
  end

  defp next(state), do: {:noreply, state}

  # The guest stops by itself where it can, and else its process is ended.
  defp stop_call(%{running: {reference, from, timer, timeout, nil}} = state, reason) do
    if timer, do: Process.cancel_timer(timer)

    grace = if cancel_guest(state.instance), do: state.grace, else: 0
    timer = Process.send_after(self(), {:kill, reference}, grace)
    {:noreply, %{state | running: {reference, from, timer, timeout, reason}}}
  end

  # False where the module was compiled without fuel.
  defp cancel_guest(instance) do
    Wasm2Beam.cancel(instance) == :ok
  rescue
    ArgumentError -> false
  end

  defp cancelled?({:error, %TrapError{reason: :cancelled}}), do: true
  defp cancelled?(_result), do: false

  defp stopped_error(reason), do: {:error, %StoppedError{reason: reason}}

  defp replace_worker(from, reason, state) do
    GenServer.reply(from, stopped_error(reason))
    renew(state)
  end

  defp renew(state) do
    case start_worker(%{state | worker: nil, running: nil}) do
      {:ok, state} -> next(state)
      {:error, error} -> {:stop, error, %{state | worker: nil}}
    end
  end

  defp start_worker(%{timeout: timeout} = state) do
    server = self()
    reference = make_ref()

    worker =
      :erlang.spawn_opt(fn -> work(server, reference, state) end, [:link | Guest.heap_limit(state.max_heap_bytes)])

    receive do
      {^reference, {:ok, instance}} -> {:ok, %{state | worker: worker, instance: instance}}
      {^reference, {:error, error}} -> stopped(worker, error)
      {:EXIT, ^worker, reason} -> {:error, %StoppedError{reason: {:exit, reason}}}
    after
      timeout -> stopped(worker, %StoppedError{reason: {:timeout, timeout}})
    end
  end

  defp stopped(worker, error) do
    stop_worker(worker)
    {:error, error}
  end

  defp stop_worker(nil), do: :ok

  defp stop_worker(worker) do
    Process.exit(worker, :kill)

    receive do
      {:EXIT, ^worker, _reason} -> :ok
    end
  end

  # The process of the instance

  defp work(server, reference, state) do
    case Guest.attempt(fn -> Guest.instantiate!(state) end) do
      {:ok, instance} ->
        send(server, {reference, {:ok, instance}})
        serve(server, instance)

      {:error, _} = error ->
        send(server, {reference, error})
    end
  end

  defp serve(server, instance) do
    receive do
      {reference, fun} when is_reference(reference) and is_function(fun, 1) ->
        send(server, {reference, Guest.attempt(fn -> fun.(instance) end)})
        serve(server, instance)
    end
  end
end
