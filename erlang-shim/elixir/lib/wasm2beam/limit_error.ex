defmodule Wasm2Beam.LimitError do
  @moduledoc """
  A module needs a larger memory (in pages) or table (in elements) from the start than the options of
  `Wasm2Beam.instantiate/3` allow.
  """

  defexception [:kind, :needed, :limit, :message]

  @type t :: %__MODULE__{
          kind: :memory | :table,
          needed: non_neg_integer(),
          limit: non_neg_integer(),
          message: String.t()
        }
end
