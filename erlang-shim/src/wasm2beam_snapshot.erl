%% Snapshots: what an instance holds, as a binary from which the same can be made again, on this node or another.
%%
%% A snapshot has the pages that are not zero, mutable globals, tables, and which passive segments were dropped: of all
%% of them the imported ones too, whose contents restoring puts into what is imported then. Functions are known by index,
%% so that a snapshot fits the very module it was taken from, by its content hash. A binary may come from anywhere: it is
%% read with bounds, makes no atoms, and what is wrong with it is an error.
%%
%% Format, numbers big-endian: `<<"W2BS", Version:8, Checksum:32, Body/binary>>', the CRC 32 of the body; docs/abi.md.
-module(wasm2beam_snapshot).

-export([take/2, decode/3, apply/3]).

-export_type([options/0, snapshot/0, error/0]).

%% save, load: how references of the embedder's (externref) that are not null become binaries and come back.
-type options() :: #{save => fun((term()) -> binary()), load => fun((binary()) -> term())}.
-type reference_value() :: null | {func, non_neg_integer()} | {extern, binary()}.
-opaque snapshot() :: #{
    memories := [{non_neg_integer(), [{non_neg_integer(), binary()}]}],
    globals := [{word, 0..16#FFFFFFFF} | {pair, 0..16#FFFFFFFF, 0..16#FFFFFFFF} | reference_value()],
    tables := [{non_neg_integer(), [{non_neg_integer(), reference_value()}]}],
    elements := [non_neg_integer()],
    data := [non_neg_integer()]
}.
-type error() :: {wasm_snapshot, atom() | tuple()}.

-define(MAGIC, "W2BS").
-define(VERSION, 1).
-define(LEAF, 4096).

%% @doc A snapshot of an open instance that is in no call. Throws error().
-spec take(wasm2beam_instance:handle(), options()) -> binary().
take(Handle, Options) ->
    #{module := Module, running := Running} = Parts = wasm2beam_instance:parts(Handle),
    Running andalso fail(running),
    #{memories := Memories, globals := Globals, tables := Tables, base := Base, segments := {Elements, Data}} = Parts,
    Save = fun(Term) -> saved(Term, Options) end,
    Body = iolist_to_binary([
        wasm2beam_instance:hash(Module, maps:get(info, Parts)),
        list([memory(Memory) || Memory <- Memories]),
        list([global(Global, Base, Save) || Global <- Globals, is_variable(Global)]),
        list([table(Table, Base, Save) || Table <- Tables]),
        list([<<Index:32>> || Index <- lists:sort(maps:keys(Elements))]),
        list([<<Index:32>> || Index <- lists:sort(maps:keys(Data))])
    ]),
    <<?MAGIC, ?VERSION, (erlang:crc32(Body)):32, Body/binary>>.

%% @doc What a binary says, if it is a snapshot of an instance of this module. Throws error().
-spec decode(module(), map(), term()) -> snapshot().
decode(Module, Info, <<?MAGIC, ?VERSION, Checksum:32, Body/binary>>) ->
    erlang:crc32(Body) =:= Checksum orelse fail(damaged),
    Hash = wasm2beam_instance:hash(Module, Info),
    Size = byte_size(Hash),
    case Body of
        <<Hash:Size/binary, Contents/binary>> -> contents(Contents);
        _ -> fail(other_module)
    end;
decode(_Module, _Info, <<?MAGIC, Version, _/binary>>) when Version =/= ?VERSION ->
    fail({version, Version});
decode(_Module, _Info, _Other) ->
    fail(no_snapshot).

%% @doc Fills an instance whose segments were not run and whose start function was not called. Throws error().
-spec apply(wasm2beam_instance:handle(), snapshot(), options()) -> ok.
apply(Handle, Snapshot, Options) ->
    #{info := #{functions := Functions}, base := Base} = Parts = wasm2beam_instance:parts(Handle),
    Load = fun(Saved) -> loaded(Saved, Base, tuple_size(Functions), Options) end,
    #{memories := Memories, globals := Globals, tables := Tables, elements := Elements, data := Data} = Snapshot,
    each(fun apply_memory/2, maps:get(memories, Parts), Memories),
    Variables = [Global || Global <- maps:get(globals, Parts), is_variable(Global)],
    each(fun(Global, Saved) -> apply_global(Global, Saved, Load) end, Variables, Globals),
    each(fun(Table, Saved) -> apply_table(Table, Saved, Load) end, maps:get(tables, Parts), Tables),
    wasm2beam_instance:keep_only_segments(Handle, Elements, Data).

%% Internal

-spec fail(atom() | tuple()) -> no_return().
fail(Reason) ->
    throw({wasm_snapshot, Reason}).

is_variable(Global) ->
    {global, _, Mutability} = wasm2beam_global:type(Global),
    Mutability =:= var.

%% Taking

list(Items) ->
    [<<(length(Items)):32>> | Items].

memory(Memory) ->
    Leaves = [{Number, Leaf} || {Number, Leaf} <- wasm2beam_memory:contents(Memory), not is_zero(Leaf)],
    [<<(wasm2beam_memory:pages(Memory)):32>>, list([[<<Number:32>>, Leaf] || {Number, Leaf} <- Leaves])].

is_zero(Leaf) ->
    Leaf =:= <<0:?LEAF/unit:8>>.

global(Global, Base, Save) ->
    {global, Type, _} = wasm2beam_global:type(Global),
    case {Type, wasm2beam_global:read(Global)} of
        {funcref, Funcref} -> reference(funcref, Funcref, Base, Save);
        {externref, Term} -> reference(externref, Term, Base, Save);
        {_, {High, Low}} -> <<2, High:32, Low:32>>;
        {_, Word} -> <<1, Word:32>>
    end.

table(Table, Base, Save) ->
    {table, Type, Size, _} = wasm2beam_table:type(Table),
    Entries = [[<<Index:32>>, reference(Type, Value, Base, Save)] || {Index, Value} <- wasm2beam_table:contents(Table)],
    [<<Size:32>>, list(Entries)].

reference(funcref, -1, _Base, _Save) ->
    <<0>>;
reference(funcref, Funcref, Base, _Save) when Funcref bsr 24 =:= Base bsr 24 ->
    <<3, (Funcref - Base):32>>;
reference(funcref, _Foreign, _Base, _Save) ->
    fail(foreign_function);
reference(externref, null, _Base, _Save) ->
    <<0>>;
reference(externref, Term, _Base, Save) ->
    Saved = Save(Term),
    [<<4, (byte_size(Saved)):32>>, Saved].

saved(Term, #{save := Save}) ->
    case Save(Term) of
        Saved when is_binary(Saved) -> Saved;
        _ -> fail(externref)
    end;
saved(_Term, _Options) ->
    fail(externref).

%% Reading

contents(Bytes) ->
    {Memories, Rest0} = items(Bytes, fun read_memory/1),
    {Globals, Rest1} = items(Rest0, fun read_value/1),
    {Tables, Rest2} = items(Rest1, fun read_table/1),
    {Elements, Rest3} = items(Rest2, fun read_index/1),
    {Data, Rest} = items(Rest3, fun read_index/1),
    Rest =:= <<>> orelse fail(damaged),
    #{memories => Memories, globals => Globals, tables => Tables, elements => Elements, data => Data}.

%% As many as there are bytes for: none takes no bytes.
items(<<Count:32, Bytes/binary>>, Read) when Count =< byte_size(Bytes) ->
    items(Count, Bytes, Read, []);
items(_Bytes, _Read) ->
    fail(damaged).

items(0, Bytes, _Read, Items) ->
    {lists:reverse(Items), Bytes};
items(Count, Bytes, Read, Items) ->
    {Item, Rest} = Read(Bytes),
    items(Count - 1, Rest, Read, [Item | Items]).

read_memory(<<Pages:32, Bytes/binary>>) when Pages =< 65536 ->
    {Leaves, Rest} = items(Bytes, fun read_leaf/1),
    lists:all(fun({Number, _}) -> Number < Pages * 16 end, Leaves) orelse fail(damaged),
    {{Pages, Leaves}, Rest};
read_memory(_) ->
    fail(damaged).

read_leaf(<<Number:32, Leaf:?LEAF/binary, Rest/binary>>) -> {{Number, Leaf}, Rest};
read_leaf(_) -> fail(damaged).

read_table(<<Size:32, Bytes/binary>>) ->
    {Entries, Rest} = items(Bytes, fun read_entry/1),
    lists:all(fun({Index, _}) -> Index < Size end, Entries) orelse fail(damaged),
    {{Size, Entries}, Rest};
read_table(_) ->
    fail(damaged).

read_entry(<<Index:32, Bytes/binary>>) ->
    {Value, Rest} = read_value(Bytes),
    {{Index, Value}, Rest};
read_entry(_) ->
    fail(damaged).

read_value(<<0, Rest/binary>>) -> {null, Rest};
read_value(<<1, Word:32, Rest/binary>>) -> {{word, Word}, Rest};
read_value(<<2, High:32, Low:32, Rest/binary>>) -> {{pair, High, Low}, Rest};
read_value(<<3, Index:32, Rest/binary>>) -> {{func, Index}, Rest};
read_value(<<4, Size:32, Saved:Size/binary, Rest/binary>>) -> {{extern, Saved}, Rest};
read_value(_) -> fail(damaged).

read_index(<<Index:32, Rest/binary>>) -> {Index, Rest};
read_index(_) -> fail(damaged).

%% Restoring

each(_Apply, [], []) ->
    ok;
each(Apply, [Target | Targets], [Saved | Others]) ->
    ok = Apply(Target, Saved),
    each(Apply, Targets, Others);
each(_Apply, _Targets, _Saved) ->
    fail(damaged).

apply_memory(Memory, {Pages, Leaves}) ->
    case wasm2beam_memory:replace(Memory, Pages, Leaves) of
        ok -> ok;
        error -> fail({memory, Pages})
    end.

apply_global(Global, Saved, Load) ->
    {global, Type, _} = wasm2beam_global:type(Global),
    wasm2beam_global:write(Global, stored(Type, Saved, Load)).

apply_table(Table, {Size, Entries}, Load) ->
    {table, Type, _, _} = wasm2beam_table:type(Table),
    case wasm2beam_table:replace(Table, Size, [{Index, stored(Type, Saved, Load)} || {Index, Saved} <- Entries]) of
        ok -> ok;
        error -> fail({table, Size})
    end.

stored(Type, {word, Word}, _Load) when Type =:= i32; Type =:= f32 -> Word;
stored(Type, {pair, High, Low}, _Load) when Type =:= i64; Type =:= f64 -> {High, Low};
stored(funcref, null, _Load) -> -1;
stored(externref, null, _Load) -> null;
stored(funcref, {func, _} = Saved, Load) -> Load(Saved);
stored(externref, {extern, _} = Saved, Load) -> Load(Saved);
stored(_Type, _Saved, _Load) -> fail(damaged).

loaded({func, Index}, Base, Count, _Options) when Index < Count -> Base bor Index;
loaded({extern, Saved}, _Base, _Count, #{load := Load}) -> Load(Saved);
loaded({extern, _}, _Base, _Count, _Options) -> fail(externref);
loaded(_Saved, _Base, _Count, _Options) -> fail(damaged).
