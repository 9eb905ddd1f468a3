defmodule Wasm2Beam.LinkError do
  @moduledoc """
  A module cannot be instantiated with the imports it was given.

  `:reason` is `:unknown_import` where `:module` and `:name` were not given, `:incompatible_import_type` where what was
  given has another type than the module declares.
  """

  defexception [:reason, :module, :name, :message]

  @type t :: %__MODULE__{
          reason: :unknown_import | :incompatible_import_type,
          module: String.t(),
          name: String.t(),
          message: String.t()
        }
end
