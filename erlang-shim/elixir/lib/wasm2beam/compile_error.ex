defmodule Wasm2Beam.CompileError do
  @moduledoc """
  A module could not be compiled at run time.

  `:kind` is

    * `:malformed`, `:invalid` - the module is wrong, as the message says in the words of the specification
    * `:unsupported` - it needs a proposal that the compiler does not implement
    * `:too_large`, `:timeout` - it exceeds the limit of that option
    * `:pool_exhausted` - as many modules are loaded as there may be
    * `:queue_full` - too many others wait to be compiled
    * `:no_node` - Node is missing on this machine
    * `:ended` - the compiler ended in the middle, as it does where it needs too much memory
    * `:internal` - an error of the compiler itself

      iex> {:error, error} = Wasm2Beam.compile(<<0, "asm", 1, 0, 0, 0>>, max_bytes: 7)
      iex> {error.kind, Exception.message(error)}
      {:too_large, "a module of 8 bytes exceeds the limit of 7"}
  """

  defexception [:kind, :message]

  @type t :: %__MODULE__{
          kind:
            :malformed
            | :invalid
            | :unsupported
            | :too_large
            | :timeout
            | :pool_exhausted
            | :queue_full
            | :no_node
            | :ended
            | :internal,
          message: String.t()
        }
end
