defmodule Wasm2Beam.MemoryTest do
  use ExUnit.Case, async: true

  alias Wasm2Beam.Memory

  doctest Wasm2Beam.Memory

  setup do
    %{instance: Wasm2Beam.instantiate!(Calculator, %{env: %{log: &Function.identity/1}})}
  end

  test "holds what was written, at any alignment and across pages", %{instance: instance} do
    assert Memory.grow!(instance, 1) == 1
    bytes = for i <- 0..9_999, into: <<>>, do: <<rem(i * 7, 256)>>

    assert Memory.write(instance, 60_001, [
             binary_part(bytes, 0, 17),
             binary_part(bytes, 17, 9_983)
           ]) == :ok

    assert Memory.read(instance, 60_001, 10_000) == {:ok, bytes}
    assert Memory.read!(instance, 59_999, 3) == <<0, 0, 0>>
    assert Memory.read!(instance, 70_000, 3) == <<:binary.last(bytes)>> <> <<0, 0>>
  end

  test "ends where it ends", %{instance: instance} do
    assert Memory.write(instance, 65_533, "abc") == :ok
    assert Memory.read!(instance, 65_536, 0) == ""

    for {offset, length} <- [
          {65_534, 3},
          {65_537, 0},
          {-1, 1},
          {0, -1},
          {0, 65_537},
          {2 ** 70, 1}
        ] do
      assert {:error, %ArgumentError{}} = Memory.read(instance, offset, length)
      assert_raise ArgumentError, fn -> Memory.read!(instance, offset, length) end
    end

    assert {:error, %ArgumentError{}} = Memory.write(instance, 65_534, "xyz")
    assert_raise ArgumentError, fn -> Memory.write!(instance, 65_534, "xyz") end
    assert Memory.read!(instance, 65_533, 3) == "abc"
  end

  test "grows up to its maximum", %{instance: instance} do
    assert Memory.grow(instance, 0) == {:ok, 1}
    assert {:error, %ArgumentError{}} = Memory.grow(instance, 2)
    assert Memory.grow(instance, 1) == {:ok, 1}
    assert Memory.size!(instance) == 2
    assert_raise ArgumentError, fn -> Memory.grow!(instance, 1) end
    assert {:error, %ArgumentError{}} = Memory.grow(instance, -1)
  end

  test "is the same through the export", %{instance: instance} do
    memory = Wasm2Beam.export(instance, "memory")
    Memory.write!(memory, 5, "through")
    assert Memory.read!(instance, 5, 7) == "through"
    assert_raise ArgumentError, fn -> Wasm2Beam.export(instance, "memories") end
  end
end
