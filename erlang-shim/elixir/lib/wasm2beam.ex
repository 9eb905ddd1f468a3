defmodule Wasm2Beam do
  @moduledoc """
  WebAssembly on the BEAM: modules compiled with the project, or at run time, and instances of them.

      {:ok, instance} = Wasm2Beam.instantiate(Calculator, %{env: %{log: &IO.inspect/1}})
      {:ok, [5]} = Wasm2Beam.call(instance, :add, [2, 3])
      5 = Calculator.add(instance, 2, 3)
      :ok = Wasm2Beam.close(instance)

  or, where the module arrives at run time:

      {:ok, module} = Wasm2Beam.compile(File.read!("calculator.wasm"))
      {:ok, instance} = Wasm2Beam.instantiate(module, %{env: %{log: &IO.inspect/1}})

  A compiled module is an ordinary module of the BEAM, and an instance of it lives in the process that made it: no other
  process can use it, and it ends with that process at the latest. Host functions are funs that the WebAssembly code calls
  in this same process.

  ## Values

  | WebAssembly | Elixir |
  | --- | --- |
  | `i32`, `i64` | integer; results are signed, arguments may be signed or unsigned |
  | `f32`, `f64` | float, or `:infinity`, `:neg_infinity`, `:nan`, and `{:nan, bits}` for a NaN other than the canonical one |
  | `funcref` | an opaque term, or `:null` |
  | `externref` | any term; `:null` is the null reference |

  ## Errors

  Functions come in two forms: `call/3` returns `{:ok, results}` or `{:error, exception}`, `call!/3` returns the results or
  raises that exception. The exception is a `Wasm2Beam.TrapError` where the WebAssembly code trapped, a
  `Wasm2Beam.CompileError` where a module cannot be compiled at run time, a `Wasm2Beam.LinkError` or `Wasm2Beam.LimitError`
  where it cannot be instantiated, and an `ArgumentError` for a wrong
  argument, an unknown export, a closed instance or one of another process. What a host function raises passes through both
  forms unchanged.

  A direct call of a compiled module, `Calculator.add(instance, 2, 3)`, is the fastest, and raises the runtime's own Erlang
  errors: an `ErlangError` with `{:wasm_trap, reason}`, `{:wasm_value, type, term}` or `{:wasm_error, reason}`.
  """

  alias Wasm2Beam.{Failure, Imports}

  @typedoc """
  The handle of an instance, small whatever the instance holds. It is the same term for the functions of this library, for
  the functions that a compiled module exports, for host functions and for Erlang code.
  """
  @type instance :: Wasm2Beam.Instance.t()

  @typedoc """
  A compiled module: by its name where it was compiled with the project, or what `compile/2` gave.
  """
  @type compiled :: module() | Wasm2Beam.Module.t()

  @typedoc """
  Options of `compile/2`:

    * `:text` - whether the bytes are in the text format; `false` if not given
    * `:fuel` - whether instances can have `:fuel` and a `:timeout`, and be cancelled; `false` if not given
    * `:timeout` - milliseconds that compiling may take, 30 000 if not given
    * `:max_bytes` - size of a module beyond which it is refused, 16 MiB if not given
    * `:cache` - folder of compiled files, or `false`; a folder for caches of the user's if not given
    * `:owner` - the process with which the module goes, the caller if not given

  The defaults are settings of the application `:wasm2beam` under the same names. Its other settings: `:compilers`, how many
  modules are compiled at the same time (2); `:compiler_megabytes`, what one thread of such a compilation may take (2048); `:node`,
  the program Node (looked for on the path); `:max_modules`, how many modules can be loaded at the same time (64);
  `:max_cache_bytes` (256 MiB).
  """
  @type compile_options :: [
          text: boolean(),
          fuel: boolean(),
          timeout: pos_integer(),
          max_bytes: pos_integer(),
          cache: Path.t() | false,
          owner: pid()
        ]

  @typedoc "An exported function, memory, table or global, to be imported by another instance."
  @type extern :: :wasm2beam.extern()

  @typedoc "The name of an export or import: as a string or as an atom that says the same."
  @type name :: String.t() | atom()

  @typedoc """
  What a module imports, by module name and name. In place of the inner map stands an instance to import its exports, or a
  module of host functions (`Wasm2Beam.Host`).
  Functions are funs that take the parameters, or the instance and then the parameters, or `{module, function}`.
  """
  @type imports :: %{optional(name()) => %{optional(name()) => term()} | instance() | module()}

  @typedoc """
  Limits of an instance: `:max_depth`, nested calls before the trap `:call_stack_exhausted` (default 100 000);
  `:max_memory`, pages of 64 KiB that a memory may have (65 536); `:max_table`, elements that a table may have
  (10 000 000). Of a module that was compiled with fuel also `:fuel`, instructions until the trap `:out_of_fuel`, and `:timeout`,
  milliseconds that a call from outside may take until the trap `:timeout`; both `:infinity` where they are not given.
  """
  @type options :: [
          max_depth: pos_integer(),
          max_memory: non_neg_integer(),
          max_table: non_neg_integer(),
          fuel: fuel(),
          timeout: timeout()
        ]

  @typedoc "Instructions; `:infinity` where nothing limits them."
  @type fuel :: non_neg_integer() | :infinity

  @typedoc "A value of WebAssembly; see the table above."
  @type value ::
          integer() | float() | :infinity | :neg_infinity | :nan | {:nan, pos_integer()} | term()

  @typedoc "An `i32`: results are signed, arguments signed or unsigned."
  @type i32 :: -0x80000000..0xFFFFFFFF

  @typedoc "An `i64`: results are signed, arguments signed or unsigned."
  @type i64 :: -0x8000000000000000..0xFFFFFFFFFFFFFFFF

  @typedoc "An `f32`; a float argument is rounded to single precision."
  @type f32 :: f64()

  @typedoc "An `f64`: a float, or what Erlang's floats cannot be."
  @type f64 :: float() | :infinity | :neg_infinity | :nan | {:nan, pos_integer()}

  @typedoc "A function reference that WebAssembly code gave out, or `:null`."
  @type funcref :: :wasm2beam_value.funcref() | :null

  @typedoc "Any term; `:null` is the null reference."
  @type externref :: term()

  @doc """
  Compiles a WebAssembly module that arrived at run time, and loads it.

      iex> text = ~s|(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))|
      iex> {:ok, module} = Wasm2Beam.compile(text, text: true)
      iex> instance = Wasm2Beam.instantiate!(module)
      iex> Wasm2Beam.call(instance, "add", [2, 3])
      {:ok, [5]}

      iex> {:error, %Wasm2Beam.CompileError{kind: :malformed} = error} = Wasm2Beam.compile("no module")
      iex> Exception.message(error)
      "malformed module: magic header not detected (at offset 0x0)"

  The compiler is a program for Node, which the application starts when it is first needed. What it makes is kept in a cache on
  disk, so that equal bytes are compiled once, by whichever node of this user. Whoever can write there could run code in this
  node: the folder is not used unless it belongs to the user that runs this node, and only that user can write to it.

  The module stays loaded until `release/1` or the end of its owner, and for as long as it has instances. It makes no atoms: its
  functions are called by `call/3`, and stack traces show them as `f0`, `f1`, and so on.
  """
  @spec compile(binary(), compile_options()) :: {:ok, Wasm2Beam.Module.t()} | {:error, Exception.t()}
  def compile(bytes, options \\ []) do
    with {:error, reason} <- :wasm2beam.compile(bytes, options_map(options)) do
      {:error, Failure.exception(reason, [])}
    end
  end

  @doc """
  As `compile/2`, but returns the module or raises.

      iex> module = Wasm2Beam.compile!("(module)", text: true)
      iex> Wasm2Beam.exports(module)
      []
      iex> Wasm2Beam.compile!("(module (func (result i32)))", text: true)
      ** (Wasm2Beam.CompileError) invalid module: type mismatch: expected i32, found nothing (at 1:27)
  """
  @spec compile!(binary(), compile_options()) :: Wasm2Beam.Module.t()
  def compile!(bytes, options \\ []), do: Failure.unwrap!(compile(bytes, options))

  @doc """
  Gives up a module that `compile/2` made. Its instances go on; when the last is closed, the module is unloaded.

      iex> module = Wasm2Beam.compile!("(module)", text: true)
      iex> Wasm2Beam.release(module)
      :ok
      iex> Wasm2Beam.instantiate!(module)
      ** (ArgumentError) the module was released, or the process that compiled it ended
  """
  @spec release(Wasm2Beam.Module.t()) :: :ok
  def release(module), do: Failure.raise_converted(fn -> :wasm2beam.release(module) end)

  @doc """
  Makes an instance of a compiled module.

      iex> {:ok, instance} = Wasm2Beam.instantiate(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.call(instance, :add, [2, 3])
      {:ok, [5]}

      iex> {:error, error} = Wasm2Beam.instantiate(Calculator)
      iex> Exception.message(error)
      "unknown import: env.log"
  """
  @spec instantiate(compiled(), imports(), options()) :: {:ok, instance()} | {:error, Exception.t()}
  def instantiate(module, imports \\ %{}, options \\ []) do
    made(imports, &:wasm2beam.instantiate(module, &1, options_map(options)))
  end

  # An instance, with imports as the runtime takes them.
  defp made(imports, make) do
    Failure.capture(fn ->
      with {:ok, imports} <- Imports.normalize(imports),
           {:error, reason} <- make.(imports) do
        {:error, Failure.exception(reason, []) || reason}
      end
    end)
  end

  defp options_map(options), do: if(Keyword.keyword?(options), do: Map.new(options), else: options)

  @doc "As `instantiate/3`, but returns the instance or raises."
  @spec instantiate!(compiled(), imports(), options()) :: instance()
  def instantiate!(module, imports \\ %{}, options \\ []) do
    Failure.unwrap!(instantiate(module, imports, options))
  end

  @doc """
  Makes an instance, calls `fun` with it and closes it again, also where `fun` raises.

      iex> Wasm2Beam.with_instance(Calculator, %{env: %{log: &Function.identity/1}}, fn instance ->
      ...>   Calculator.add(instance, 40, 2)
      ...> end)
      {:ok, 42}
  """
  @spec with_instance(compiled(), imports(), options(), (instance() -> result)) ::
          {:ok, result} | {:error, Exception.t()}
        when result: term()
  def with_instance(module, imports, options \\ [], fun) when is_function(fun, 1) do
    with {:ok, instance} <- instantiate(module, imports, options) do
      try do
        {:ok, fun.(instance)}
      after
        close(instance)
      end
    end
  end

  @doc """
  Ends an instance. Its memory is freed unless other instances import it.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.close(instance)
      :ok
      iex> Wasm2Beam.call!(instance, :add, [2, 3])
      ** (ArgumentError) the instance is closed: 'Elixir.Calculator'
  """
  @spec close(instance()) :: :ok
  def close(instance), do: Failure.raise_converted(fn -> :wasm2beam.close(instance) end)

  @doc """
  Calls an exported function. The results are a list, whatever their number.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.call(instance, "div", [-7, 2])
      {:ok, [-3]}
      iex> {:error, %Wasm2Beam.TrapError{reason: reason}} = Wasm2Beam.call(instance, "div", [1, 0])
      iex> reason
      :integer_divide_by_zero
      iex> {:error, error} = Wasm2Beam.call(instance, :div, [1, 0.5])
      iex> Exception.message(error)
      "expected an i32 (an integer from -2147483648 to 4294967295), got 0.5"
  """
  @spec call(instance(), name(), [value()]) :: {:ok, [value()]} | {:error, Exception.t()}
  def call(instance, name, arguments \\ []) do
    Failure.capture(fn -> {:ok, :wasm2beam.call(instance, name, arguments)} end)
  end

  @doc """
  As `call/3`. The option `:timeout` holds in place of the instance's; only for modules that were compiled with fuel.
  """
  @spec call(instance(), name(), [value()], timeout: timeout()) :: {:ok, [value()]} | {:error, Exception.t()}
  def call(instance, name, arguments, options) do
    Failure.capture(fn -> {:ok, :wasm2beam.call(instance, name, arguments, options_map(options))} end)
  end

  @doc """
  As `call/3`, but returns the list of results or raises.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.call!(instance, :div, [7, 2])
      [3]
      iex> Wasm2Beam.call!(instance, :div, [7, 0])
      ** (Wasm2Beam.TrapError) wasm trap: integer divide by zero
  """
  @spec call!(instance(), name(), [value()]) :: [value()]
  def call!(instance, name, arguments \\ []) do
    Failure.raise_converted(fn -> :wasm2beam.call(instance, name, arguments) end)
  end

  @doc """
  How many instructions an instance may run until it traps `:out_of_fuel`. A host function sees what is left without what
  the code around its call will need.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.fuel(instance)
      :infinity
      iex> Wasm2Beam.set_fuel(instance, 1_000)
      ** (ArgumentError) 'Elixir.Calculator' was compiled without fuel, which fuel needs: use `wasm2beam compile --fuel', or the option fuel of the Mix compiler or the rebar3 hook
  """
  @spec fuel(instance()) :: fuel()
  def fuel(instance), do: Failure.raise_converted(fn -> :wasm2beam.fuel(instance) end)

  @doc "Sets what `fuel/1` gives, at any time, also in a host function. Only for modules that were compiled with fuel."
  @spec set_fuel(instance(), fuel()) :: :ok
  def set_fuel(instance, fuel), do: Failure.raise_converted(fn -> :wasm2beam.set_fuel(instance, fuel) end)

  @doc """
  Adds to what `fuel/1` gives, and returns the sum.

      iex> {:ok, module} = Wasm2Beam.compile("(module)", text: true, fuel: true)
      iex> instance = Wasm2Beam.instantiate!(module, %{}, fuel: 1_000)
      iex> Wasm2Beam.add_fuel(instance, 500)
      1500
  """
  @spec add_fuel(instance(), non_neg_integer()) :: fuel()
  def add_fuel(instance, units), do: Failure.raise_converted(fn -> :wasm2beam.add_fuel(instance, units) end)

  @doc """
  Ends the call that is going on in an instance, from any process of its node: it traps `:cancelled` at the guest's next loop
  or call, within 10,000 instructions; a host function finishes first. Only for modules that were compiled with fuel.

      iex> text = ~s|(module (import "env" "stop" (func $stop)) (func (export "spin") (call $stop) (loop (br 0))))|
      iex> {:ok, module} = Wasm2Beam.compile(text, text: true, fuel: true)
      iex> stop = fn instance -> Task.await(Task.async(fn -> Wasm2Beam.cancel(instance) end)) && nil end
      iex> instance = Wasm2Beam.instantiate!(module, %{env: %{stop: stop}})
      iex> {:error, %Wasm2Beam.TrapError{reason: reason}} = Wasm2Beam.call(instance, "spin", [])
      iex> reason
      :cancelled
  """
  @spec cancel(instance()) :: :ok
  def cancel(instance), do: Failure.raise_converted(fn -> :wasm2beam.cancel(instance) end)

  @typedoc """
  The type of an import or export: `{:func, {parameters, results}}`, `{:memory, pages, maximum}`,
  `{:table, element_type, size, maximum}` or `{:global, type, :const | :var}`; a maximum may be `:none`.
  """
  @type extern_type :: :wasm2beam_extern.type()

  @doc """
  Names and types of what an instance or a compiled module exports; of an instance with the present sizes.

      iex> List.keyfind(Wasm2Beam.exports(Calculator), "add", 0)
      {"add", {:func, {[:i32, :i32], [:i32]}}}
  """
  @spec exports(instance() | compiled()) :: [{String.t(), extern_type()}]
  def exports(source), do: Failure.raise_converted(fn -> :wasm2beam.exports(source) end)

  @doc """
  What has to be given to instantiate a compiled module: module name, name and type of each import.

      iex> Wasm2Beam.imports(Calculator)
      [{"env", "log", {:func, {[:i32], []}}}]
  """
  @spec imports(instance() | compiled()) :: [{String.t(), String.t(), extern_type()}]
  def imports(source), do: Failure.raise_converted(fn -> :wasm2beam.imports(source) end)

  @doc """
  What an instance holds, as a binary for `restore/4`, on this node or another: the pages that are not zero, mutable globals,
  tables, and which passive segments were dropped. Its size goes with the pages that were written.

  Raises an `ArgumentError` in the middle of a call, for functions of other instances in tables, and for externrefs unless
  `:save` is given, a function that makes a binary of each.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.write!(instance, 5000, "some bytes")
      iex> snapshot = Wasm2Beam.snapshot(instance)
      iex> {:ok, other} = Wasm2Beam.restore(Calculator, snapshot, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.read!(other, 5000, 10)
      "some bytes"
  """
  @spec snapshot(instance(), save: (term() -> binary())) :: binary()
  def snapshot(instance, options \\ []) do
    Failure.raise_converted(fn -> :wasm2beam.snapshot(instance, options_map(options)) end)
  end

  @doc """
  An instance with what the snapshot holds, in place of what `instantiate/3` begins with; the start function is not called.

  Pages are made when they are first touched. The options are those of `instantiate/3`, and `:load`, a function that makes an
  externref of each binary that `:save` gave. A snapshot of another module, or one that is damaged, is an error.

      iex> {:error, error} = Wasm2Beam.restore(Calculator, "no snapshot", %{env: %{log: fn _ -> :ok end}})
      iex> Exception.message(error)
      "snapshot: the binary is none"
  """
  @spec restore(module(), binary(), imports(), keyword()) :: {:ok, instance()} | {:error, Exception.t()}
  def restore(module, snapshot, imports \\ %{}, options \\ []) do
    made(imports, &:wasm2beam.restore(module, snapshot, &1, options_map(options)))
  end

  @doc """
  As `restore/4`, but returns the instance or raises.

      iex> Wasm2Beam.restore!(Calculator, "no snapshot", %{env: %{log: fn _ -> :ok end}})
      ** (ArgumentError) snapshot: the binary is none
  """
  @spec restore!(module(), binary(), imports(), keyword()) :: instance()
  def restore!(module, snapshot, imports \\ %{}, options \\ []) do
    Failure.unwrap!(restore(module, snapshot, imports, options))
  end

  @doc """
  An instance of other code, such as a new version of the same module, that goes on with the memory and the globals of this
  one, which is closed. Nothing is copied.

  It is an error, and the instance stays as it is, where the new module would not find in the memory what it looks for: where
  memories, tables, globals, data segments or the types of functions in element segments differ, or where references to old
  functions were put into tables or globals.

      iex> imports = %{env: %{log: fn _ -> :ok end}}
      iex> instance = Wasm2Beam.instantiate!(Calculator, imports)
      iex> Wasm2Beam.Memory.write!(instance, 5000, "some bytes")
      iex> {:ok, instance} = Wasm2Beam.upgrade(instance, Calculator, imports)
      iex> Wasm2Beam.Memory.read!(instance, 5000, 10)
      "some bytes"
  """
  @spec upgrade(instance(), module(), imports(), options()) :: {:ok, instance()} | {:error, Exception.t()}
  def upgrade(instance, module, imports \\ %{}, options \\ []) do
    made(imports, &:wasm2beam.upgrade(instance, module, &1, options_map(options)))
  end

  @doc """
  Sees to it that another node has this very module, as it is here: `:same` where it had it, `:sent` where it was loaded there
  just now. Versions are told apart by their content.

      iex> Wasm2Beam.ensure_loaded(node(), Calculator)
      {:ok, :same}
  """
  @spec ensure_loaded(node(), module(), timeout()) :: {:ok, :same | :sent} | {:error, term()}
  defdelegate ensure_loaded(node, module, timeout \\ 60_000), to: :wasm2beam_remote

  @doc """
  What an instance is at present: calls from outside so far, memories with their pages and the bytes that were touched,
  sizes of tables, how many calls may be nested yet, and the fuel that is left.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.write!(instance, 5000, "some bytes")
      iex> Wasm2Beam.info(instance).memories
      [%{pages: 1, max: 2, touched: 4096}]
  """
  @spec info(instance()) :: map()
  def info(instance), do: Failure.raise_converted(fn -> :wasm2beam.info(instance) end)

  @doc """
  An export of an instance, to be imported by another one, or used with `Wasm2Beam.Memory`.

      iex> instance = Wasm2Beam.instantiate!(Calculator, %{env: %{log: fn _ -> :ok end}})
      iex> Wasm2Beam.Memory.size(Wasm2Beam.export(instance, :memory))
      {:ok, 1}
  """
  @spec export(instance(), name()) :: extern()
  def export(instance, name),
    do: Failure.raise_converted(fn -> :wasm2beam.export(instance, name) end)
end
