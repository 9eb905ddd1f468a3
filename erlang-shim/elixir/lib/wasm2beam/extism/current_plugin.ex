defmodule Wasm2Beam.Extism.CurrentPlugin do
  @moduledoc """
  The plug-in that has called a host function: its memory, its variables, its configuration and the context that its caller gave.

      Function.new("remember", [:ptr], [], fn current, handle ->
        CurrentPlugin.set_var(current, "last", CurrentPlugin.read(current, handle))
      end)

      iex> alias Wasm2Beam.Extism.{CurrentPlugin, Function, Plugin}
      iex> ask = Function.new("ask", [:ptr], [:ptr], fn current, question ->
      ...>   asked = String.to_integer(CurrentPlugin.get_var(current, "asked") || "0")
      ...>   if asked >= CurrentPlugin.context(current), do: CurrentPlugin.fail(current, "no more questions")
      ...>   CurrentPlugin.set_var(current, "asked", to_string(asked + 1))
      ...>   text = CurrentPlugin.config(current, "answer") <> CurrentPlugin.read(current, question)
      ...>   CurrentPlugin.store(current, text)
      ...> end)
      iex> plugin = Plugin.new!(AskingPlugin, functions: [ask], config: %{answer: "You asked: "})
      iex> Plugin.call(plugin, "ask", "Why?", context: 1)
      {:ok, "You asked: Why?"}
      iex> Plugin.call(plugin, "ask", "Why?", context: 1)
      {:error, "no more questions"}

      iex> alias Wasm2Beam.Extism.{CurrentPlugin, Function, Plugin}
      iex> ask = Function.new("ask", [:ptr], [:ptr], fn current, question ->
      ...>   length = CurrentPlugin.length(current, question)
      ...>   CurrentPlugin.free(current, question)
      ...>   CurrentPlugin.delete_var(current, "asked")
      ...>   CurrentPlugin.store(current, Integer.to_string(length))
      ...> end)
      iex> Plugin.call(Plugin.new!(AskingPlugin, functions: [ask]), "ask", "Why?")
      {:ok, "4"}

  What the plug-in passes is checked: a handle that names no block ends the plug-in's call with an error, as does a block or a
  variable for which there is no room. It is of use while the host function runs, and in its process.
  """

  @typedoc "Opaque."
  @type t :: :wasm2beam_extism_current.current()

  @typedoc "A block of the memory that host and plug-in share; 0 is none."
  @type handle :: non_neg_integer()

  @doc "What the caller of the plug-in gave as `:context`; nil where it gave none."
  @spec context(t()) :: term()
  defdelegate context(current), to: :wasm2beam_extism_current

  @doc "A value of the configuration, or nil."
  @spec config(t(), String.t()) :: String.t() | nil
  def config(current, name), do: found(:wasm2beam_extism_current.config(current, name))

  @doc "The bytes of a block."
  @spec read(t(), handle()) :: binary()
  defdelegate read(current, handle), to: :wasm2beam_extism_current

  @doc "A new block with these bytes, whose handle may be returned to the plug-in."
  @spec store(t(), iodata()) :: handle()
  defdelegate store(current, data), to: :wasm2beam_extism_current

  @doc "Gives a block up."
  @spec free(t(), handle()) :: :ok
  defdelegate free(current, handle), to: :wasm2beam_extism_current

  @doc "The length of a block; 0 for any other handle."
  @spec length(t(), handle()) :: non_neg_integer()
  defdelegate length(current, handle), to: :wasm2beam_extism_current

  @doc "A variable of the plug-in, or nil."
  @spec get_var(t(), String.t()) :: binary() | nil
  def get_var(current, name), do: found(:wasm2beam_extism_current.get_var(current, name))

  @doc "Sets a variable of the plug-in, within the bounds of its manifest."
  @spec set_var(t(), String.t(), iodata()) :: :ok
  defdelegate set_var(current, name, value), to: :wasm2beam_extism_current

  @doc "Removes a variable of the plug-in."
  @spec delete_var(t(), String.t()) :: :ok
  defdelegate delete_var(current, name), to: :wasm2beam_extism_current

  @doc "Ends the plug-in's call with this error message."
  @spec fail(t(), String.t()) :: no_return()
  defdelegate fail(current, message), to: :wasm2beam_extism_current

  defp found(:none), do: nil
  defp found(value), do: value
end
