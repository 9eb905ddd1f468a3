# The compiled module from Elixir. The host function is a fun that the WebAssembly code calls in this same process, which
# is why it can read what is in the process dictionary.
Process.put("name", "Ada")
Process.put("host", node() |> Atom.to_string())

lookup = fn instance, name, length, to, room ->
  name = Wasm2Beam.Memory.read!(instance, name, length)
  value = Process.get(name, "nobody") |> binary_slice(0, room)
  Wasm2Beam.Memory.write!(instance, to, value)
  Process.put(:callers, [{name, self()} | Process.get(:callers, [])])
  byte_size(value)
end

instance = Wasm2Beam.instantiate!(:template, %{env: %{lookup: lookup}})

render = fn template ->
  Wasm2Beam.Memory.write!(instance, :template.input(instance), template)
  length = :template.render(instance, byte_size(template))
  Wasm2Beam.Memory.read!(instance, :template.output(instance), length)
end

IO.puts(render.("Hello {{name}} on {{host}}!"))

for {name, pid} <- Enum.reverse(Process.get(:callers)) do
  IO.puts("lookup of #{name} ran in #{inspect(pid)}, this is #{inspect(self())}: #{pid == self()}")
end

{time, _} = :timer.tc(fn -> for _ <- 1..1000, do: render.("Hello {{name}}!") end)
IO.puts("a rendering takes #{time / 1000} µs, a call of the host included")

{:error, error} = Wasm2Beam.call(instance, :render, [100_000])
IO.puts("#{inspect(error.__struct__)}: #{Exception.message(error)}")
:ok = Wasm2Beam.close(instance)
