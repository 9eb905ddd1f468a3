%% Instances: the handle that the embedder holds, the state `S' that generated code works on, and the way from one to
%% the other.
%%
%% S is laid out as docs/abi.md says and hangs in the store under the handle's key. Every way in checks that the handle
%% is of this process, open, and that its module is still the version the state was made for: code of another version
%% would take the state's tuples for what they are not.
%% spec: exec/runtime#module-instances
-module(wasm2beam_instance).

-export([enter/2, open/1, close/1, cells/1]).
-export([handle/2, is_handle/1, module/1, key/1, state/7, replace_slot/3, info/1, compiled/1, initial/1]).
-export([find_export/2, memory/1, present/1, parts/1, keep_only_segments/3, hash/2]).
-export([table/2, data_segment/2, drop_data_segment/2, element_segment/2, drop_element_segment/2]).
-export([is_funcref/1, function_type/1, call_function/2]).

-export_type([handle/0, state/0, segments/0]).

%% Opaque to everyone else. A struct of Elixir, for which `Wasm2Beam.Instance' says how it prints; in Erlang a map.
-type handle() :: #{
    '__struct__' := 'Elixir.Wasm2Beam.Instance', key := wasm2beam_store:key(), pid := pid(), module := module()
}.
-type state() :: tuple().
%% Passive segments not dropped yet, by index: references in internal form, bytes.
-type segments() :: {#{non_neg_integer() => tuple()}, #{non_neg_integer() => binary()}}.
-type function_type() :: {[wasm2beam_value:type()], [wasm2beam_value:type()]}.

%% What the runtime keeps in element 4 of S.
-record(runtime, {
    id :: pos_integer(),
    info :: map(),
    exports :: #{binary() => tuple()},
    memories :: tuple(),
    tables :: tuple(),
    globals :: tuple(),
    segments :: wasm2beam_store:key(),
    depth :: pos_integer()
}).

-define(HANDLE(Key, Pid, Module), #{
    '__struct__' := 'Elixir.Wasm2Beam.Instance', key := Key, pid := Pid, module := Module
}).
-define(CELLS, 2).
-define(BASE, 3).
-define(RUNTIME, 4).
-define(FIXED, 4).

%% @doc The state for a call from outside into Module. Any other use of the handle is an error.
-spec enter(handle(), module()) -> state().
enter(?HANDLE(Key, Pid, Module), Module) when Pid =:= self() ->
    case wasm2beam_store:find(Key) of
        {ok, S} ->
            %% The same literal unless the module was loaded anew, so that this compares two pointers.
            #runtime{info = Info} = element(?RUNTIME, S),
            case Module:'$wasm2beam'(info) =:= Info of
                true -> S;
                false -> wasm2beam_error:raise({module_changed, Module})
            end;
        error ->
            wasm2beam_error:raise({closed, Module})
    end;
enter(?HANDLE(_Key, Pid, Module), Module) ->
    wasm2beam_error:raise({foreign_process, Pid});
enter(?HANDLE(_Key, _Pid, Other), Module) ->
    wasm2beam_error:raise({wrong_module, Module, Other});
enter(Other, _Module) ->
    wasm2beam_error:raise({not_an_instance, Other}).

%% @doc The state for the runtime's own use: as enter/2, and an error where the module is not loaded any more.
-spec open(handle()) -> state().
open(?HANDLE(_Key, _Pid, Module) = Handle) when is_atom(Module) ->
    is_loaded(Module) orelse info(Module),
    enter(Handle, Module);
open(Other) ->
    wasm2beam_error:raise({not_an_instance, Other}).

%% @doc The cells of an open instance.
-spec cells(handle()) -> wasm2beam_store:cells().
cells(Handle) ->
    element(?CELLS, open(Handle)).

%% @doc The description that a compiled module gives of itself.
-spec info(module()) -> map().
info(Module) ->
    case is_loaded(Module) of
        true ->
            case Module:'$wasm2beam'(info) of
                #{abi := 2} = Info -> Info;
                _ -> wasm2beam_error:raise({not_compiled, Module})
            end;
        false ->
            wasm2beam_error:raise({not_compiled, Module})
    end.

%% @doc The compiled module that is meant by Module: itself, or the one that a typed module made at build time stands for.
-spec compiled(module()) -> module().
compiled(Module) ->
    case Module:'$wasm2beam'(module) of
        Compiled when is_atom(Compiled), Compiled =/= undefined -> Compiled;
        _ -> Module
    end.

%% @doc What instances of a loaded module begin with, in place of its segments and start function: the snapshot that was
%% made of it at build time, where there is one.
-spec initial(module()) -> binary() | none.
initial(Module) ->
    case Module:'$wasm2beam'(snapshot) of
        Snapshot when is_binary(Snapshot) -> Snapshot;
        _ -> none
    end.

%% @doc Ends the instance. What it shares with others lives on with them. Closing twice is no error.
-spec close(handle()) -> ok.
close(?HANDLE(Key, Pid, _Module)) when Pid =:= self() ->
    case wasm2beam_store:find(Key) of
        {ok, S} -> release(Key, element(?RUNTIME, S));
        error -> ok
    end;
close(?HANDLE(_Key, Pid, _Module)) when is_pid(Pid) ->
    wasm2beam_error:raise({foreign_process, Pid});
close(Other) ->
    wasm2beam_error:raise({not_an_instance, Other}).

%% @doc The handle of an instance of this process.
-spec handle(wasm2beam_store:key(), module()) -> handle().
handle(Key, Module) ->
    #{'__struct__' => 'Elixir.Wasm2Beam.Instance', key => Key, pid => self(), module => Module}.

%% @doc Whether the term is the handle of an instance, be it open or not.
-spec is_handle(term()) -> boolean().
is_handle(?HANDLE(_Key, _Pid, _Module)) -> true;
is_handle(_Term) -> false.

%% @doc The compiled module that the instance is of.
-spec module(handle()) -> module().
module(?HANDLE(_Key, _Pid, Module)) -> Module.

%% @doc Where the store has the state.
-spec key(handle()) -> wasm2beam_store:key().
key(?HANDLE(Key, _Pid, _Module)) -> Key.

%% @doc Makes the state of an instance and puts it into the store, under the handle's key. Memories, tables, globals and
%% functions are the imported ones first.
-spec state(
    handle(),
    pos_integer(),
    map(),
    wasm2beam_store:cells(),
    {
        [wasm2beam_memory:mem()],
        [wasm2beam_table:table()],
        [wasm2beam_global:global()],
        [fun() | bound]
    },
    segments(),
    #{binary() => tuple()}
) -> state().
state(?HANDLE(Key, _Pid, _Module) = Handle, Id, Info, Cells, {Memories, Tables, Globals, Functions}, Segments, Exports) ->
    Runtime = #runtime{
        id = Id,
        info = Info,
        exports = Exports,
        memories = list_to_tuple(Memories),
        tables = list_to_tuple(Tables),
        globals = list_to_tuple(Globals),
        segments = wasm2beam_store:new(Segments),
        depth = wasm2beam_cells:get(Cells, 1)
    },
    FirstTable = ?FIXED + 2 * length(Memories) + 1,
    attach(Tables, Key, FirstTable),
    S = list_to_tuple(
        [Handle, Cells, Id bsl 24, Runtime] ++
            lists:append([[Memory, wasm2beam_memory:cells(Memory)] || Memory <- Memories]) ++
            [wasm2beam_table:slot(Table) || Table <- Tables] ++
            [wasm2beam_global:slot(Global) || Global <- Globals] ++
            Functions ++ [wasm2beam_cells:scales(), wasm2beam_store:cells([0])]
    ),
    wasm2beam_store:replace(Key, S),
    S.

%% @doc A table moved: calls from now on find it at Position.
-spec replace_slot(wasm2beam_store:key(), pos_integer(), wasm2beam_table:slot()) -> ok.
replace_slot(Key, Position, Slot) ->
    case wasm2beam_store:find(Key) of
        {ok, S} -> wasm2beam_store:replace(Key, setelement(Position, S, Slot));
        error -> ok
    end.

%% @doc The export of this name as an extern, or `error'.
-spec find_export(handle(), binary()) -> {ok, wasm2beam_extern:extern()} | error.
find_export(Handle, Name) ->
    Runtime = element(?RUNTIME, open(Handle)),
    case Runtime#runtime.exports of
        #{Name := Export} -> {ok, extern(Handle, Runtime, Export)};
        #{} -> error
    end.

%% @doc The first memory, exported or not, or `error'.
-spec memory(handle()) -> {ok, wasm2beam_memory:mem()} | error.
memory(Handle) ->
    case (element(?RUNTIME, open(Handle)))#runtime.memories of
        {} -> error;
        Memories -> {ok, element(1, Memories)}
    end.

%% @doc What wasm2beam:info/1 tells.
-spec present(handle()) -> map().
present(Handle) ->
    S = open(Handle),
    #runtime{memories = Memories, tables = Tables} = element(?RUNTIME, S),
    #{
        module => module(Handle),
        calls => wasm2beam_cells:get(element(tuple_size(S), S), 1),
        memories => [present_memory(Memory) || Memory <- tuple_to_list(Memories)],
        tables => [wasm2beam_table:length(Table) || Table <- tuple_to_list(Tables)],
        max_depth => wasm2beam_cells:get(element(?CELLS, S), 1),
        fuel => wasm2beam_fuel:remaining(element(?CELLS, S))
    }.

%% @doc What an instance of this process is made of, be its module still the same or not: nothing of it may be called.
%% `running': whether it waits for a host function.
-spec parts(handle()) -> #{
    module := module(),
    info := map(),
    base := non_neg_integer(),
    memories := [wasm2beam_memory:mem()],
    tables := [wasm2beam_table:table()],
    globals := [wasm2beam_global:global()],
    segments := segments(),
    running := boolean()
}.
parts(?HANDLE(Key, Pid, Module)) when Pid =:= self() ->
    case wasm2beam_store:find(Key) of
        {ok, S} ->
            #runtime{info = Info, memories = Memories, tables = Tables, globals = Globals, depth = Depth} =
                element(?RUNTIME, S),
            #{
                module => Module,
                info => Info,
                base => element(?BASE, S),
                memories => tuple_to_list(Memories),
                tables => tuple_to_list(Tables),
                globals => tuple_to_list(Globals),
                segments => segments(S),
                running => wasm2beam_cells:get(element(?CELLS, S), 1) < Depth
            };
        error ->
            wasm2beam_error:raise({closed, Module})
    end;
parts(Handle) ->
    _ = open(Handle),
    wasm2beam_error:raise({not_an_instance, Handle}).

%% @doc Drops all passive segments but these.
-spec keep_only_segments(handle(), [non_neg_integer()], [non_neg_integer()]) -> ok.
keep_only_segments(Handle, KeptElements, KeptData) ->
    {ok, S} = wasm2beam_store:find(key(Handle)),
    {Elements, Data} = segments(S),
    keep_segments(S, {maps:with(KeptElements, Elements), maps:with(KeptData, Data)}).

%% @doc What the compiled module was made from: the hash of the WebAssembly module.
-spec hash(module(), map()) -> binary().
hash(_Module, #{hash := Hash}) -> Hash;
hash(Module, _Info) -> Module:module_info(md5).

%% For generated code, through the modules of the instructions

%% @doc The table of this index.
-spec table(state(), non_neg_integer()) -> wasm2beam_table:table().
table(S, Index) ->
    element(Index + 1, (element(?RUNTIME, S))#runtime.tables).

%% @doc The bytes of a passive data segment; none when it was dropped or was an active one.
-spec data_segment(state(), non_neg_integer()) -> binary().
data_segment(S, Index) ->
    {_, Data} = segments(S),
    maps:get(Index, Data, <<>>).

-spec drop_data_segment(state(), non_neg_integer()) -> ok.
drop_data_segment(S, Index) ->
    {Elements, Data} = segments(S),
    keep_segments(S, {Elements, maps:remove(Index, Data)}).

%% @doc The references of a passive element segment; none when it was dropped or was an active one.
-spec element_segment(state(), non_neg_integer()) -> tuple().
element_segment(S, Index) ->
    {Elements, _} = segments(S),
    maps:get(Index, Elements, {}).

-spec drop_element_segment(state(), non_neg_integer()) -> ok.
drop_element_segment(S, Index) ->
    {Elements, Data} = segments(S),
    keep_segments(S, {maps:remove(Index, Elements), Data}).

%% Function references: the instance's number and a function index

%% @doc Whether the integer names a function of an open instance of this process.
-spec is_funcref(integer()) -> boolean().
is_funcref(Funcref) ->
    find_function(Funcref) =/= error.

%% @doc The type of a function that is not null. An error where its instance is closed.
-spec function_type(integer()) -> function_type().
function_type(Funcref) ->
    {_S, #{types := Types}, TypeIndex} = function(Funcref),
    element(TypeIndex + 1, Types).

%% @doc Calls a function, of whatever instance, with API values that fit its type; the result is an API result.
-spec call_function(integer(), [wasm2beam_value:value()]) -> term().
call_function(Funcref, Args) ->
    {S, #{callable := Callable}, TypeIndex} = function(Funcref),
    ?HANDLE(_Key, _Pid, Module) = Handle = element(1, S),
    case Callable of
        #{TypeIndex := {Name, plain}} -> apply(Module, Name, [Handle, Funcref | Args]);
        #{TypeIndex := {Name, packed}} -> Module:Name(Handle, Funcref, list_to_tuple(Args));
        #{} -> bad_funcref(Funcref)
    end.

%% Internal

is_loaded(Module) when is_atom(Module) ->
    erlang:function_exported(Module, '$wasm2beam', 1) orelse
        (code:ensure_loaded(Module) =:= {module, Module} andalso
            erlang:function_exported(Module, '$wasm2beam', 1));
is_loaded(_Module) ->
    false.

attach([], _Key, _Position) ->
    ok;
attach([Table | Tables], Key, Position) ->
    wasm2beam_table:attach(Table, Key, Position),
    attach(Tables, Key, Position + 1).

release(Key, #runtime{id = Id, memories = Memories, tables = Tables, globals = Globals, segments = Segments}) ->
    wasm2beam_store:forget_instance(Id),
    wasm2beam_pool:drop_of(Key),
    lists:foreach(fun(Table) -> wasm2beam_table:detach(Table, Key) end, tuple_to_list(Tables)),
    Keys =
        [wasm2beam_memory:key(Memory) || Memory <- tuple_to_list(Memories)] ++
            [wasm2beam_table:key(Table) || Table <- tuple_to_list(Tables)] ++
            lists:append([wasm2beam_global:keys(Global) || Global <- tuple_to_list(Globals)]),
    lists:foreach(fun wasm2beam_store:release/1, [Segments, Key | Keys]).

present_memory(Memory) ->
    {memory, Pages, Max} = wasm2beam_memory:type(Memory),
    #{pages => Pages, max => Max, touched => wasm2beam_memory:touched_bytes(Memory)}.

extern(Handle, _Runtime, {func, _Index, Type, {Name, Mode}}) ->
    wasm2beam_extern:new(func, {Handle, Name, Mode, Type});
extern(_Handle, #runtime{memories = Memories}, {memory, Index}) ->
    wasm2beam_extern:new(memory, element(Index + 1, Memories));
extern(_Handle, #runtime{tables = Tables}, {table, Index}) ->
    wasm2beam_extern:new(table, element(Index + 1, Tables));
extern(_Handle, #runtime{globals = Globals}, {global, Index}) ->
    wasm2beam_extern:new(global, element(Index + 1, Globals)).

segments(S) ->
    #runtime{segments = Key} = element(?RUNTIME, S),
    case wasm2beam_store:find(Key) of
        {ok, Segments} -> Segments;
        error -> {#{}, #{}}
    end.

keep_segments(S, Segments) ->
    wasm2beam_store:replace((element(?RUNTIME, S))#runtime.segments, Segments).

function(Funcref) ->
    case find_function(Funcref) of
        {ok, Function} -> Function;
        error -> bad_funcref(Funcref)
    end.

find_function(Funcref) when Funcref >= 0 ->
    Index = Funcref band 16#FFFFFF,
    case wasm2beam_store:find_instance(Funcref bsr 24) of
        {ok, Key} ->
            {ok, S} = wasm2beam_store:find(Key),
            #runtime{info = #{functions := Functions} = Info} = element(?RUNTIME, S),
            case Index < tuple_size(Functions) of
                true -> {ok, {S, Info, element(Index + 1, Functions)}};
                false -> error
            end;
        error ->
            error
    end;
find_function(_Funcref) ->
    error.

-spec bad_funcref(integer()) -> no_return().
bad_funcref(Funcref) ->
    wasm2beam_error:raise({bad_funcref, wasm2beam_value:from_funcref(Funcref)}).
