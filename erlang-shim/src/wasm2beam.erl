%% @doc The Erlang interface to WebAssembly modules that wasm2beam compiled.
%%
%% ```
%% {ok, Instance} = wasm2beam:instantiate(fib, #{<<"env">> => #{<<"log">> => fun(N) -> io:format("~p~n", [N]) end}}),
%% [55] = wasm2beam:call(Instance, <<"fib">>, [10]),
%% ok = wasm2beam:close(Instance).
%% '''
%%
%% An instance belongs to the process that made it and lives until close/1 or the end of that process. A trap raises
%% `error({wasm_trap, Reason})', a wrong value `error({wasm_value, Type, Term})', any other misuse
%% `error({wasm_error, Reason})'; format_error/1 has words for each of them.
-module(wasm2beam).

-export([compile/1, compile/2, release/1]).
-export([instantiate/1, instantiate/2, instantiate/3, with_instance/3, with_instance/4, close/1]).
-export([call/3, call/4, call_ref/2, export/2, exports/1, imports/1, info/1]).
-export([fuel/1, set_fuel/2, add_fuel/2, cancel/1]).
-export([snapshot/1, snapshot/2, restore/3, restore/4, upgrade/3, upgrade/4]).
-export([memory/2, table/3, global/3, get_global/1, get_global/2, set_global/2, set_global/3]).
-export([memory_size/1, memory_size/2, grow_memory/2, grow_memory/3]).
-export([read_memory/3, read_memory/4, write_memory/3, write_memory/4]).
-export([stacktrace/1, format_error/1]).

-export_type([instance/0, compiled/0, compile_options/0, extern/0, imports/0, options/0, name/0, value/0]).
-export_type([i32/0, i64/0, f32/0, f64/0, funcref/0, externref/0]).

-type instance() :: wasm2beam_instance:handle().
%% A module that was compiled at run time: opaque.
-type compiled() :: wasm2beam_pool:handle().
-type compile_options() :: wasm2beam_compile:options().
-type extern() :: wasm2beam_extern:extern().
-type imports() :: wasm2beam_link:imports().
-type options() :: wasm2beam_instantiate:options().
%% An export's name. Names are UTF-8 binaries; atoms and strings are accepted where they say the same.
-type name() :: binary() | atom() | string().
-type value() :: wasm2beam_value:value().
%% The value types, for the specifications of typed modules. Integer results are signed, arguments signed or unsigned.
-type i32() :: -16#80000000..16#FFFFFFFF.
-type i64() :: -16#8000000000000000..16#FFFFFFFFFFFFFFFF.
-type f32() :: f64().
-type f64() :: float() | infinity | neg_infinity | nan | {nan, pos_integer()}.
-type funcref() :: wasm2beam_value:funcref() | null.
-type externref() :: term().

-define(MAX_PAGES, 65536).

%% @equiv compile(Bytes, #{})
-spec compile(binary()) -> {ok, compiled()} | {error, wasm2beam_compile:error()}.
compile(Bytes) ->
    compile(Bytes, #{}).

%% @doc Compiles a WebAssembly module that arrived at run time, and loads it. The result takes the place of a module's name
%% in the other functions of this module.
%%
%% Options: `text' (the bytes are in the text format, default false), `fuel' (instances
%% can have fuel and timeouts, and be cancelled; default false), `timeout' (milliseconds), `max_bytes', `cache' (a
%% folder, or false for none), whose defaults wasm2beam_compile.erl lists, and `owner' (a process, default the caller).
%% The module stays loaded until release/1 or the end of its owner, and for as long as it has instances. It makes no
%% atoms, so that its functions have to be called by call/3.
%%
%% Errors: `{wasm_compile, Kind, Details}', Kind being `malformed', `invalid', `unsupported', `too_large', `timeout',
%% `pool_exhausted', `queue_full', `no_node', `ended' or `internal'; and `{wasm_error, Reason}' for a wrong argument.
-spec compile(binary(), compile_options()) -> {ok, compiled()} | {error, wasm2beam_compile:error()}.
compile(Bytes, Options) ->
    Compile = fun() -> wasm2beam_compile:compile(Bytes, Options) end,
    case wasm2beam_events:is_attached() andalso is_binary(Bytes) of
        false -> Compile();
        true -> watched(compile, #{bytes => byte_size(Bytes)}, Compile)
    end.

%% @doc Gives up a module that compile/2 made. Its instances go on; when the last is closed, the module is unloaded.
-spec release(compiled()) -> ok.
release(Compiled) ->
    wasm2beam_pool:release(Compiled).

%% @equiv instantiate(Module, #{}, #{})
-spec instantiate(module() | compiled()) -> {ok, instance()} | {error, wasm2beam_instantiate:error()}.
instantiate(Module) ->
    instantiate(Module, #{}, #{}).

%% @equiv instantiate(Module, Imports, #{})
-spec instantiate(module() | compiled(), imports()) -> {ok, instance()} | {error, wasm2beam_instantiate:error()}.
instantiate(Module, Imports) ->
    instantiate(Module, Imports, #{}).

%% @doc Makes an instance of a compiled module.
%%
%% Imports maps module names to maps from names to values, to an instance, whose exports are then the values, or to a module
%% of behaviour wasm2beam_host. A value
%% is: for a function a fun with as many parameters, or one more to get the instance first, or `{Module, Function}', or
%% an export; for an immutable global a plain value; for anything else an export, or what memory/2, table/3 and global/3
%% made. Functions of more than 250 parameters take them as one tuple.
%%
%% Options: `max_depth' (nested calls, default 100,000), `max_memory' (pages of a memory, default 65,536), `max_table'
%% (elements of a table, default 10,000,000). Of a module that was compiled with fuel also `fuel' (instructions until the trap
%% `out_of_fuel') and `timeout' (milliseconds that a call from outside may take until the trap `timeout'), both without a
%% limit where they are not given; they hold for the start function, too.
%%
%% Errors: `{wasm_link, unknown_import | incompatible_import_type, Details}', `{wasm_limit, memory | table, Details}',
%% `{wasm_error, Reason}', and `{wasm_trap, Reason, #{in => element_segment | data_segment | start}}'. Exceptions of
%% host functions that the start function called pass through.
-spec instantiate(module() | compiled(), imports(), options()) -> {ok, instance()} | {error, wasm2beam_instantiate:error()}.
instantiate(Module, Imports, Options) ->
    case wasm2beam_events:is_attached() of
        false -> wasm2beam_instantiate:run(Module, Imports, Options);
        true -> watched_instantiation(Module, Imports, Options)
    end.

%% @equiv with_instance(Module, Imports, #{}, Fun)
-spec with_instance(module() | compiled(), imports(), fun((instance()) -> Result)) ->
    {ok, Result} | {error, wasm2beam_instantiate:error()}.
with_instance(Module, Imports, Fun) ->
    with_instance(Module, Imports, #{}, Fun).

%% @doc Makes an instance, calls Fun with it and closes it, also when Fun raises an exception.
-spec with_instance(module() | compiled(), imports(), options(), fun((instance()) -> Result)) ->
    {ok, Result} | {error, wasm2beam_instantiate:error()}.
with_instance(Module, Imports, Options, Fun) ->
    case instantiate(Module, Imports, Options) of
        {ok, Instance} ->
            try
                {ok, Fun(Instance)}
            after
                close(Instance)
            end;
        {error, _} = Error ->
            Error
    end.

%% @doc Ends an instance, or gives up what memory/2, table/3 or global/3 made; instances that import it keep it.
-spec close(instance() | extern()) -> ok.
close({wasm2beam_extern, _, _, _} = Extern) ->
    case wasm2beam_extern:value(Extern) of
        {memory, Memory} -> wasm2beam_store:release(wasm2beam_memory:key(Memory));
        {table, Table} -> wasm2beam_store:release(wasm2beam_table:key(Table));
        {global, Global} -> lists:foreach(fun wasm2beam_store:release/1, wasm2beam_global:keys(Global));
        {func, _} -> ok
    end;
close(Instance) ->
    wasm2beam_instance:close(Instance).

%% @doc Calls an exported function. The results come as a list. Traps and exceptions of host functions pass through.
-spec call(instance(), name(), [value()]) -> [value()].
call(Instance, Name, Args) ->
    wasm2beam_call:run(export(Instance, Name), Name, Args).

%% @doc As call/3. Options: `timeout', milliseconds or `infinity', in place of what instantiate/3 was given; in a call back
%% into an instance that waits for a host function, the sooner end holds. Only for modules that were compiled with fuel.
-spec call(instance(), name(), [value()], #{timeout => timeout()}) -> [value()].
call(Instance, Name, Args, Options) when is_map(Options) ->
    Timeout = maps:get(timeout, Options, infinity),
    wasm2beam_control:within(Instance, Timeout, fun() -> call(Instance, Name, Args) end).

%% @doc How many instructions the instance may run until it traps `out_of_fuel'; `infinity' where nothing limits them. A host
%% function sees what is left behind the part of the guest's code that called it.
-spec fuel(instance()) -> wasm2beam_fuel:fuel().
fuel(Instance) ->
    wasm2beam_control:fuel(Instance).

%% @doc Sets what fuel/1 gives, at any time, also in a host function.
-spec set_fuel(instance(), wasm2beam_fuel:fuel()) -> ok.
set_fuel(Instance, Fuel) ->
    wasm2beam_control:set_fuel(Instance, Fuel).

%% @doc Adds to what fuel/1 gives, and returns the sum.
-spec add_fuel(instance(), non_neg_integer()) -> wasm2beam_fuel:fuel().
add_fuel(Instance, Units) ->
    wasm2beam_control:add_fuel(Instance, Units).

%% @doc Ends the call that is going on in an instance, from any process of its node: it traps `cancelled' at the guest's next
%% loop or call, within 10,000 instructions; a host function, or another instance that it called, finishes first. Where no call
%% is going on nothing happens. Only for modules that were compiled with fuel.
-spec cancel(instance()) -> ok.
cancel(Instance) ->
    wasm2beam_control:cancel(Instance).

%% @doc Calls a function by a funcref that WebAssembly code gave out, or an exported function; results as of call/3.
-spec call_ref(wasm2beam_value:funcref() | extern(), [value()]) -> [value()].
call_ref(Function, Args) ->
    wasm2beam_call:reference(Function, Args).

%% @doc An export, to be imported by another instance or used with the functions on memories and globals.
-spec export(instance(), name()) -> extern().
export(Instance, Name) ->
    case wasm2beam_instance:find_export(Instance, wasm2beam_extern:name(Name)) of
        {ok, Extern} -> Extern;
        error -> wasm2beam_error:raise({unknown_export, Name})
    end.

%% @doc What an instance is at present: `module'; `calls' from outside so far; `memories', each with its `pages', their
%% `max', and `touched', bytes in steps of 4 KiB that were touched or written; sizes of its `tables'; `max_depth', calls nested in one
%% another that it may have yet; `fuel' that is left, `infinity' where the module was compiled without.
-spec info(instance()) -> #{
    module := module(),
    calls := non_neg_integer(),
    memories := [#{pages := non_neg_integer(), max := non_neg_integer() | none, touched := non_neg_integer()}],
    tables := [non_neg_integer()],
    max_depth := non_neg_integer(),
    fuel := wasm2beam_fuel:fuel()
}.
info(Instance) ->
    wasm2beam_instance:present(Instance).

%% @equiv snapshot(Instance, #{})
-spec snapshot(instance()) -> binary().
snapshot(Instance) ->
    snapshot(Instance, #{}).

%% @doc What the instance holds, as a binary for restore/3, here or on another node: the pages that are not zero, mutable
%% globals, tables, and which passive segments were dropped; the imported ones too. Options: `save', a fun that makes a
%% binary of each externref.
%%
%% Raises `{wasm_snapshot, Reason}': `running' in the middle of a call, `externref' for one that nobody saves,
%% `foreign_function' where a table or global holds a function of another instance.
-spec snapshot(instance(), wasm2beam_snapshot:options()) -> binary().
snapshot(Instance, Options) ->
    try
        wasm2beam_snapshot:take(Instance, Options)
    catch
        throw:{wasm_snapshot, _} = Reason -> wasm2beam_error:raise_term(Reason)
    end.

%% @equiv restore(Module, Snapshot, Imports, #{})
-spec restore(module() | compiled(), binary(), imports()) -> {ok, instance()} | {error, term()}.
restore(Module, Snapshot, Imports) ->
    restore(Module, Snapshot, Imports, #{}).

%% @doc An instance with what the snapshot holds, in place of what instantiate/3 would begin with; the start function is
%% not called. Pages are made when they are first touched; until then all instances of a node share the snapshot's.
%%
%% Options are those of instantiate/3 and `load', a fun that makes an externref of each binary that `save' gave. Errors
%% are those of instantiate/3 and `{wasm_snapshot, Reason}': `no_snapshot', `{version, N}', `damaged', `other_module'
%% (made from another WebAssembly module), `{memory, Pages}' or `{table, Size}' (larger than allowed, or what is imported is
%% larger), `externref'.
-spec restore(module() | compiled(), binary(), imports(), map()) -> {ok, instance()} | {error, term()}.
restore(Module, Snapshot, Imports, Options) ->
    Source = {snapshot, Snapshot, maps:with([load], Options)},
    wasm2beam_instantiate:run(Module, Imports, maps:without([load], Options), Source).

%% @equiv upgrade(Instance, Module, Imports, #{})
-spec upgrade(instance(), module(), imports()) -> {ok, instance()} | {error, term()}.
upgrade(Instance, Module, Imports) ->
    upgrade(Instance, Module, Imports, #{}).

%% @doc An instance of other code, such as a new version of the same module, that goes on with the memory and the globals
%% of this one, which is closed. Nothing is copied.
%%
%% Memories, tables, globals and data segments have to be the same, and element segments as far as types of functions go;
%% else `{error, {wasm_upgrade, Reason}}', and the instance stays as it is: `{memories | tables | globals | data |
%% elements | imports, Index}' for the first that differs, `{table_changed, Index}' and `{global_reference, Index}' where
%% references to old functions were put after the start, `running' in the middle of a call. Other errors are those of
%% instantiate/3.
-spec upgrade(instance(), module(), imports(), options()) -> {ok, instance()} | {error, term()}.
upgrade(Instance, Module, Imports, Options) ->
    wasm2beam_upgrade:run(Instance, Module, Imports, Options).

%% @doc Names and types of all exports, in the module's order. Of an instance: memories and tables at their present
%% size. Of a module: as declared.
-spec exports(instance() | module() | compiled()) -> [{binary(), wasm2beam_extern:type()}].
exports(Source) ->
    wasm2beam_interface:exports(Source).

%% @doc What has to be given to instantiate the module: module name, name and type of each import, in order. Functions
%% that were bound at compile time are not among them.
-spec imports(instance() | module() | compiled()) -> [{binary(), binary(), wasm2beam_extern:type()}].
imports(Source) ->
    wasm2beam_interface:imports(Source).

%% @doc A new memory of Min pages (64 KiB each) that may grow to Max pages, to be imported. It lives until close/1.
-spec memory(non_neg_integer(), non_neg_integer() | none) -> extern().
memory(Min, Max) ->
    wasm2beam_cells_loader:ensure(),
    check_limits({memory, Min, Max}, Min, Max, ?MAX_PAGES),
    wasm2beam_extern:new(memory, wasm2beam_memory:new(Min, Max, ?MAX_PAGES)).

%% @doc A new table of Min null references that may grow to Max elements, to be imported. It lives until close/1.
-spec table(funcref | externref, non_neg_integer(), non_neg_integer() | none) -> extern().
table(Type, Min, Max) ->
    wasm2beam_cells_loader:ensure(),
    #{max_table := Limit} = wasm2beam_instantiate:options(#{}),
    check_limits({table, Type, Min, Max}, Min, Max, 16#FFFFFFFF),
    check_limits({table, Type, Min, Max}, Min, none, Limit),
    wasm2beam_value:is_reference(Type) orelse wasm2beam_error:raise({bad_type, Type}),
    Table = wasm2beam_table:new(Type, Min, Max, Limit),
    wasm2beam_table:settle(Table),
    wasm2beam_extern:new(table, Table).

%% @doc A new global, to be imported. It lives until close/1.
-spec global(wasm2beam_value:type(), const | var, value()) -> extern().
global(Type, Mutability, Value) ->
    wasm2beam_cells_loader:ensure(),
    wasm2beam_value:is_type(Type) orelse wasm2beam_error:raise({bad_type, Type}),
    lists:member(Mutability, [const, var]) orelse wasm2beam_error:raise({bad_type, Mutability}),
    wasm2beam_extern:new(global, wasm2beam_global:new(Type, Mutability, wasm2beam_value:to_stored(Type, Value))).

%% @doc The value of a global.
-spec get_global(extern()) -> value().
get_global(Extern) ->
    wasm2beam_global:value(wasm2beam_extern:content(global, global, Extern)).

%% @doc The value of an exported global.
-spec get_global(instance(), name()) -> value().
get_global(Instance, Name) ->
    wasm2beam_global:value(wasm2beam_extern:content(global, Name, export(Instance, Name))).

%% @doc Sets a mutable global.
-spec set_global(extern(), value()) -> ok.
set_global(Extern, Value) ->
    assign(global, Extern, Value).

%% @doc Sets an exported mutable global.
-spec set_global(instance(), name(), value()) -> ok.
set_global(Instance, Name, Value) ->
    assign(Name, export(Instance, Name), Value).

%% @doc Size in pages of 64 KiB of the instance's first memory, or of an exported memory.
-spec memory_size(instance() | extern()) -> non_neg_integer().
memory_size(Owner) ->
    wasm2beam_memory:pages(memory_of(Owner)).

%% @doc As memory_size/1, of a memory by its export name.
-spec memory_size(instance(), name()) -> non_neg_integer().
memory_size(Instance, Name) ->
    memory_size(export(Instance, Name)).

%% @doc Grows a memory by Delta pages and returns the old size; raises `{wasm_error, {grow, Pages, Delta}}' where its
%% maximum or the limit of the instance forbids it.
-spec grow_memory(instance() | extern(), non_neg_integer()) -> non_neg_integer().
grow_memory(Owner, Delta) ->
    Memory = memory_of(Owner),
    Grown =
        case is_integer(Delta) andalso Delta >= 0 of
            true -> wasm2beam_memory:grow(Memory, Delta);
            false -> wasm2beam_error:raise_value(i32, Delta)
        end,
    case Grown of
        16#FFFFFFFF -> wasm2beam_error:raise({grow, wasm2beam_memory:pages(Memory), Delta});
        Pages -> Pages
    end.

%% @doc As grow_memory/2, of a memory by its export name.
-spec grow_memory(instance(), name(), non_neg_integer()) -> non_neg_integer().
grow_memory(Instance, Name, Delta) ->
    grow_memory(export(Instance, Name), Delta).

%% @doc Length bytes from Offset as a binary. Raises `{wasm_error, {out_of_bounds, Offset, Length, Size}}'.
-spec read_memory(instance() | extern(), non_neg_integer(), non_neg_integer()) -> binary().
read_memory(Owner, Offset, Length) ->
    Memory = memory_of(Owner),
    check_range(Memory, Offset, Length),
    wasm2beam_memory:read(Memory, Offset, Length).

%% @doc As read_memory/3, of a memory by its export name.
-spec read_memory(instance(), name(), non_neg_integer(), non_neg_integer()) -> binary().
read_memory(Instance, Name, Offset, Length) ->
    read_memory(export(Instance, Name), Offset, Length).

%% @doc Writes the bytes from Offset on. Raises `{wasm_error, {out_of_bounds, Offset, Length, Size}}', and writes
%% nothing then.
-spec write_memory(instance() | extern(), non_neg_integer(), iodata()) -> ok.
write_memory(Owner, Offset, Data) ->
    Memory = memory_of(Owner),
    Bytes = iolist_to_binary(Data),
    check_range(Memory, Offset, byte_size(Bytes)),
    wasm2beam_memory:write(Memory, Offset, Bytes).

%% @doc As write_memory/3, to a memory by its export name.
-spec write_memory(instance(), name(), non_neg_integer(), iodata()) -> ok.
write_memory(Instance, Name, Offset, Data) ->
    write_memory(export(Instance, Name), Offset, Data).

%% @doc The frames of WebAssembly functions in a stack trace, the innermost first, with those that the guest's compiler
%% had inlined: `#{module, function, at, inlined}'. `at' is `{File, Line}' where the module carries DWARF, else
%% `{offset, Bytes}'.
-spec stacktrace(erlang:stacktrace()) -> [wasm2beam_trace:frame()].
stacktrace(Stacktrace) ->
    wasm2beam_trace:frames(Stacktrace).

%% @doc What an error reason of this application says, whether it was raised or returned.
-spec format_error(term()) -> binary().
format_error(Reason) ->
    wasm2beam_error:text(Reason).

%% Internal

watched_instantiation(Module, Imports, Options) ->
    watched(instantiate, #{module => Module}, fun() ->
        Outcome = wasm2beam_instantiate:run(Module, Imports, Options),
        case Outcome of
            {error, {wasm_trap, Reason, Details}} ->
                Stacktrace = maps:get(stacktrace, Details, []),
                wasm2beam_events:trap({error, {wasm_trap, Reason}}, #{module => Module, stacktrace => Stacktrace});
            _ ->
                ok
        end,
        Outcome
    end).

%% What gives `{ok, _}' or `{error, _}'.
watched(What, Metadata, Fun) ->
    wasm2beam_events:span([wasm2beam, What], Metadata, fun() ->
        {Result, _} = Outcome = Fun(),
        {Outcome, #{result => Result}}
    end).

memory_of({wasm2beam_extern, _, _, _} = Extern) ->
    wasm2beam_extern:content(memory, memory, Extern);
memory_of(Instance) ->
    case wasm2beam_instance:memory(Instance) of
        {ok, Memory} -> Memory;
        error -> wasm2beam_error:raise({unknown_export, memory})
    end.

assign(Name, Extern, Value) ->
    Global = wasm2beam_extern:content(global, Name, Extern),
    case wasm2beam_global:type(Global) of
        {global, _, var} -> wasm2beam_global:assign(Global, Value);
        {global, _, const} -> wasm2beam_error:raise({immutable, Name})
    end.

check_range(Memory, Offset, Length) ->
    Size = wasm2beam_memory:pages(Memory) * 65536,
    Inside =
        is_integer(Offset) andalso is_integer(Length) andalso Offset >= 0 andalso Length >= 0 andalso
            Offset + Length =< Size,
    Inside orelse wasm2beam_error:raise({out_of_bounds, Offset, Length, Size}).

check_limits(Type, Min, Max, Limit) ->
    Valid =
        is_integer(Min) andalso Min >= 0 andalso Min =< Limit andalso
            (Max =:= none orelse (is_integer(Max) andalso Max >= Min andalso Max =< Limit)),
    Valid orelse wasm2beam_error:raise({bad_type, Type}).
