defmodule Wasm2Beam.ExtismTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.Extism.{CancelHandle, CurrentPlugin, Error, Function, Manifest, Plugin}

  doctest Wasm2Beam.Extism
  doctest Wasm2Beam.Extism.CancelHandle
  doctest Wasm2Beam.Extism.CurrentPlugin
  doctest Wasm2Beam.Extism.Error
  doctest Wasm2Beam.Extism.Function
  doctest Wasm2Beam.Extism.Manifest
  doctest Wasm2Beam.Extism.Plugin

  defp asking(function, options \\ []) do
    ask = Function.new("ask", [:string], [:string], function)
    Plugin.new!(AskingPlugin, [functions: [ask]] ++ options)
  end

  test "takes and gives any bytes, a binary or iodata" do
    plugin = Plugin.new!(EchoPlugin)
    bytes = :rand.bytes(10_000)
    assert Plugin.call(plugin, "echo", bytes) == {:ok, bytes}
    assert Plugin.call(plugin, :echo, ["a", [?b]]) == {:ok, "ab"}
    assert Plugin.call!(plugin, "echo", "") == ""
  end

  test "takes a manifest as JSON text, and says what is wrong with one" do
    assert {:error, "manifest: unknown field wsm"} = Plugin.new(~s({"wsm": []}))
    assert {:error, "wasm: expected an array"} = Plugin.new(%{"wasm" => 123}, false)
    assert_raise Error, "wasm: no modules", fn -> Plugin.new!(%{}) end
    assert {:error, "allowed_hosts: expected a text"} = Manifest.check(%{wasm: [%{path: "x"}], allowed_hosts: [1]})
  end

  test "raises what tells more than a text" do
    plugin = Plugin.new!(EchoPlugin)
    assert %Error{kind: :guest, code: 3, message: "no"} = catch_error(Plugin.call!(plugin, "fail", "no"))
    trap = catch_error(Plugin.call!(plugin, "trap", ""))
    assert %Error{kind: :trap, code: 134, trap: :unreachable, message: "wasm trap: unreachable"} = trap
    assert [{:wasm2beam_trap, :raise, _, _} | _] = trap.stacktrace
    assert %Error{kind: :unknown_function} = catch_error(Plugin.call!(plugin, "none", ""))
    assert {:error, "wasm trap: unreachable"} = Plugin.call(plugin, "trap", "")
  end

  test "runs host functions in the caller's process" do
    Process.put(:name, "Ada")
    plugin = asking(fn question -> question <> ", " <> Process.get(:name) end)
    assert Plugin.call(plugin, "ask", "Hello") == {:ok, "Hello, Ada"}
  end

  test "lets pass what host functions raise" do
    plugin = asking(fn question -> raise ArgumentError, question end)
    assert_raise ArgumentError, "why", fn -> Plugin.call(plugin, "ask", "why") end
    assert_raise ArgumentError, "why not", fn -> Plugin.call(plugin, "ask", "why not") end
  end

  test "gives host functions the plug-in and its caller's context" do
    plugin =
      asking(
        fn current, question ->
          count = String.to_integer(CurrentPlugin.get_var(current, "count") || "0") + 1
          :ok = CurrentPlugin.set_var(current, "count", to_string(count))
          "#{CurrentPlugin.config(current, "prefix")} #{CurrentPlugin.context(current)} #{question} #{count}"
        end,
        config: %{prefix: ">"}
      )

    assert Plugin.call(plugin, "ask", "a", context: 7) == {:ok, "> 7 a 1"}
    assert Plugin.call(plugin, "ask", "b") == {:ok, ">  b 2"}
  end

  test "lets host functions refuse, and use the memory" do
    plugin =
      asking(fn current, question ->
        handle = CurrentPlugin.store(current, question)
        assert CurrentPlugin.length(current, handle) == byte_size(question)
        assert CurrentPlugin.read(current, handle) == question
        :ok = CurrentPlugin.free(current, handle)
        :ok = CurrentPlugin.delete_var(current, "none")
        CurrentPlugin.fail(current, "not now")
      end)

    assert Plugin.call(plugin, "ask", "x") == {:error, "not now"}
  end

  test "checks options" do
    assert_raise ArgumentError, ~r/unknown option/, fn -> Plugin.new(EchoPlugin, other: 1) end
    assert_raise ArgumentError, ~r/functions/, fn -> Plugin.new(EchoPlugin, functions: [:f]) end
    assert {:error, "unknown import: extism:host/user.ask"} = Plugin.new(AskingPlugin)
  end

  test "belongs to its process" do
    plugin = Plugin.new!(EchoPlugin)
    assert {:error, message} = Task.await(Task.async(fn -> Plugin.call(plugin, "echo", "") end))
    assert message =~ "belongs to process"
    assert inspect(plugin) == "#Wasm2Beam.Extism.Plugin<#{inspect(self())}>"
  end

  test "is cancelled by another process" do
    plugin = Plugin.new!(~s|(module (func (export "spin") (loop (br 0))))|)
    handle = Plugin.cancel_handle(plugin)
    task = Task.async(fn -> for _ <- Stream.interval(20), do: :ok = CancelHandle.cancel(handle) end)
    assert Plugin.call(plugin, "spin", "") == {:error, "cancelled"}
    Task.shutdown(task, :brutal_kill)
  end

  test "keeps to its timeout" do
    manifest = %{wasm: [%{data: ~s|(module (func (export "spin") (loop (br 0))))|}], timeout_ms: 50}
    assert Plugin.call(Plugin.new!(manifest), "spin", "") == {:error, "timeout"}
  end

  test "may be reset and freed" do
    plugin = Plugin.new!(EchoPlugin)
    assert Plugin.reset(plugin) == :ok
    assert Plugin.call(plugin, "echo", "x") == {:ok, "x"}
    assert Plugin.free(plugin) == :ok
    assert Plugin.free(plugin) == :ok
    refute Plugin.has_function(plugin, "echo")
  end

  test "logs to a file" do
    file = Path.join(System.tmp_dir!(), "wasm2beam_extism_#{System.unique_integer([:positive])}.log")
    assert Wasm2Beam.Extism.set_log_file(file, "info") == :ok
    :ok = :logger.update_handler_config(:default, :level, :emergency)
    :wasm2beam_extism_log.write(:info, :error, "a message")
    :wasm2beam_extism_log.write(:info, :debug, "no message")
    :wasm2beam_extism_log.write(:info, :warn, <<255>>)
    :ok = :logger_std_h.filesync(:wasm2beam_extism_log_file)
    :ok = :logger.update_handler_config(:default, :level, :all)
    assert File.read!(file) =~ ~r/error: a message\n.*warning: ÿ\n$/
    :logger.remove_handler(:wasm2beam_extism_log_file)
    File.rm!(file)
  end
end
