defmodule Wasm2Beam.Memory do
  @moduledoc """
  The linear memory of an instance, seen as binaries.

  Each function takes an instance, and means its first memory, or an exported memory (`Wasm2Beam.export/2`). Offsets and
  lengths are bytes, sizes are pages of 65 536 bytes.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.write(instance, 100, "some bytes")
      :ok
      iex> Wasm2Beam.Memory.read(instance, 105, 5)
      {:ok, "bytes"}

  The functions whose names end with an exclamation mark return the value itself, or raise:

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.write!(instance, 65_535, [1])
      :ok
      iex> Wasm2Beam.Memory.read!(instance, 65_535, 1)
      <<1>>
      iex> Wasm2Beam.Memory.grow!(instance, 1)
      1
      iex> Wasm2Beam.Memory.size!(instance)
      2
      iex> Wasm2Beam.Memory.write!(instance, 0x20000, [1])
      ** (ArgumentError) offset 131072 and length 1 are not within the 131072 bytes of the memory
  """

  alias Wasm2Beam.Failure

  @type owner :: Wasm2Beam.instance() | Wasm2Beam.extern()

  @doc """
  `length` bytes from `offset` on. An error where they are not all within the memory.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> {:error, error} = Wasm2Beam.Memory.read(instance, 65_530, 7)
      iex> Exception.message(error)
      "offset 65530 and length 7 are not within the 65536 bytes of the memory"
  """
  @spec read(owner(), non_neg_integer(), non_neg_integer()) ::
          {:ok, binary()} | {:error, Exception.t()}
  def read(owner, offset, length) do
    Failure.capture(fn -> {:ok, :wasm2beam.read_memory(owner, offset, length)} end)
  end

  @doc "As `read/3`, but returns the bytes or raises."
  @spec read!(owner(), non_neg_integer(), non_neg_integer()) :: binary()
  def read!(owner, offset, length) do
    Failure.raise_converted(fn -> :wasm2beam.read_memory(owner, offset, length) end)
  end

  @doc """
  Writes `bytes` from `offset` on. An error, and nothing is written, where they would not all be within the memory.
  """
  @spec write(owner(), non_neg_integer(), iodata()) :: :ok | {:error, Exception.t()}
  def write(owner, offset, bytes) do
    Failure.capture(fn -> :wasm2beam.write_memory(owner, offset, bytes) end)
  end

  @doc "As `write/3`, but returns `:ok` or raises."
  @spec write!(owner(), non_neg_integer(), iodata()) :: :ok
  def write!(owner, offset, bytes) do
    Failure.raise_converted(fn -> :wasm2beam.write_memory(owner, offset, bytes) end)
  end

  @doc """
  The size in pages.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.size(instance)
      {:ok, 1}
  """
  @spec size(owner()) :: {:ok, non_neg_integer()} | {:error, Exception.t()}
  def size(owner), do: Failure.capture(fn -> {:ok, :wasm2beam.memory_size(owner)} end)

  @doc "As `size/1`, but returns the size or raises."
  @spec size!(owner()) :: non_neg_integer()
  def size!(owner), do: Failure.raise_converted(fn -> :wasm2beam.memory_size(owner) end)

  @doc """
  Grows by `pages` and returns the size before. An error where the memory's maximum or a limit forbids it.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.grow(instance, 1)
      {:ok, 1}
      iex> {:error, error} = Wasm2Beam.Memory.grow(instance, 1)
      iex> Exception.message(error)
      "a memory of 2 pages cannot grow by 1"
  """
  @spec grow(owner(), non_neg_integer()) :: {:ok, non_neg_integer()} | {:error, Exception.t()}
  def grow(owner, pages),
    do: Failure.capture(fn -> {:ok, :wasm2beam.grow_memory(owner, pages)} end)

  @doc "As `grow/2`, but returns the size before or raises."
  @spec grow!(owner(), non_neg_integer()) :: non_neg_integer()
  def grow!(owner, pages),
    do: Failure.raise_converted(fn -> :wasm2beam.grow_memory(owner, pages) end)
end
