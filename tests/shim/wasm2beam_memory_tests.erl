%% The linear memory against a plain binary: random operations, with garbage collections forced in between.
%%
%% A run is a function of its seed alone; a failure prints the seed and the operation.
-module(wasm2beam_memory_tests).

-include_lib("eunit/include/eunit.hrl").

-define(PAGE, 65536).
-define(LEAF, 4096).
-define(MAX, 112).

setup() ->
    wasm2beam_cells_loader:ensure().

model_test_() ->
    setup(),
    Small = [{timeout, 60, ?_test(run(Seed, 1200, Seed rem 3))} || Seed <- lists:seq(1, 12)],
    %% Larger than the first root, with several leaves made at once.
    Large = [{timeout, 60, ?_test(run(Seed, 300, 110))} || Seed <- [13, 14]],
    [Small, Large].

%% A model is {Binary, Mem, Root}: the root is the one generated code would hold, which may be stale.
run(Seed, Count, Pages) ->
    _ = rand:seed(exsss, Seed),
    Mem = wasm2beam_memory:new(Pages, ?MAX, 65536),
    Start = {binary:copy(<<0>>, Pages * ?PAGE), Mem, wasm2beam_memory:root(Mem)},
    {Bytes, _, _} = lists:foldl(fun(Each, State) -> step(Seed, Each, State) end, Start, lists:seq(1, Count)),
    ?assertEqual(Bytes, wasm2beam_memory:read(Mem, 0, byte_size(Bytes))),
    wasm2beam_store:release(wasm2beam_memory:key(Mem)).

step(Seed, Number, State) ->
    collect(Number),
    Operation = operation(State),
    try
        apply_operation(Operation, State)
    catch
        Class:Reason:Stack ->
            erlang:raise(Class, {seed, Seed, number, Number, Operation, Reason}, Stack)
    end.

collect(Number) when Number rem 97 =:= 0 -> erlang:garbage_collect();
collect(Number) when Number rem 7 =:= 0 -> erlang:garbage_collect(self(), [{type, minor}]);
collect(_) -> ok.

operation({Bytes, _, _}) ->
    Size = byte_size(Bytes),
    case rand:uniform(100) of
        N when N =< 30 -> {load, width(), eighth(address(Size))};
        N when N =< 60 -> {store, width(), eighth(address(Size)), (word() bsl 32) bor word()};
        N when N =< 66 -> {fill, address(Size), rand:uniform(256) - 1, range()};
        N when N =< 68 -> {copy, address(Size), address(Size), range()};
        N when N =< 72 -> copy_near(address(Size), 1);
        N when N =< 76 -> copy_near(address(Size), 4);
        N when N =< 86 -> {write, address(Size), rand:bytes(range())};
        N when N =< 95 -> {read, address(Size), range()};
        N when N =< 97 -> {grow, rand:uniform(3) - 1};
        _ -> fetch_root
    end.

%% Ranges that overlap, over several leaves, aligned or not.
copy_near(Address, Unit) ->
    From = Address div Unit * Unit,
    {copy, max(0, From + (rand:uniform(3000) - 1500) * Unit), From, rand:uniform(4 * ?LEAF) div Unit * Unit}.

width() -> lists:nth(rand:uniform(4), [1, 2, 4, 8]).

word() ->
    case rand:uniform(4) of
        1 -> 16#FFFFFFFF;
        2 -> rand:uniform(256) - 1;
        _ -> rand:uniform(16#100000000) - 1
    end.

%% Often near the borders of leaves and of the memory, sometimes beyond.
address(Size) ->
    case rand:uniform(4) of
        1 -> max(0, (rand:uniform(Size div ?LEAF + 1) - 1) * ?LEAF + rand:uniform(12) - 6);
        2 -> max(0, Size - rand:uniform(10));
        _ -> rand:uniform(Size + 1) - 1
    end.

%% Every other address is one for eight bytes at once.
eighth(Address) ->
    case rand:uniform(2) of
        1 -> Address band bnot 7;
        2 -> Address
    end.

range() ->
    case rand:uniform(5) of
        1 -> rand:uniform(8) - 1;
        2 -> ?LEAF;
        3 -> rand:uniform(3 * ?LEAF);
        _ -> rand:uniform(200)
    end.

apply_operation({load, Width, Address}, {Bytes, Mem, Root} = State) ->
    Loaded = attempt(fun() -> load(Width, Address, Root, Mem) end),
    Expected =
        case Bytes of
            <<_:Address/binary, Word:Width/little-unit:8, _/binary>> -> {ok, Word};
            _ -> trap
        end,
    ?assertEqual(Expected, Loaded),
    State;
apply_operation({store, Width, Address, Word}, {Bytes, Mem, Root}) ->
    Stored = attempt(fun() -> store(Width, Root, Address, Word, Mem) end),
    case Bytes of
        <<Before:Address/binary, _:Width/binary, After/binary>> ->
            {ok, Next} = Stored,
            {<<Before/binary, Word:Width/little-unit:8, After/binary>>, Mem, Next};
        _ ->
            ?assertEqual(trap, Stored),
            {Bytes, Mem, Root}
    end;
apply_operation({fill, Address, Byte, Length}, State) ->
    edited(
        State, Address, binary:copy(<<Byte>>, Length), fun(Mem) -> wasm2beam_memory:fill(Mem, Address, Byte, Length) end
    );
apply_operation({write, Address, Data}, State) ->
    edited(State, Address, Data, fun(Mem) -> wasm2beam_memory:write(Mem, Address, Data) end);
apply_operation({copy, To, From, Length}, {Bytes, Mem, _} = State) ->
    case Bytes of
        <<_:From/binary, Data:Length/binary, _/binary>> ->
            edited(State, To, Data, fun(_) -> wasm2beam_memory:copy(Mem, Mem, To, From, Length) end);
        _ ->
            ?assertEqual(trap, attempt(fun() -> wasm2beam_memory:copy(Mem, Mem, To, From, Length) end)),
            State
    end;
apply_operation({read, Address, Length}, {Bytes, Mem, _} = State) ->
    Expected =
        case Bytes of
            <<_:Address/binary, Data:Length/binary, _/binary>> -> {ok, Data};
            _ -> trap
        end,
    ?assertEqual(Expected, attempt(fun() -> wasm2beam_memory:read(Mem, Address, Length) end)),
    State;
apply_operation({grow, Delta}, {Bytes, Mem, Root}) ->
    Pages = byte_size(Bytes) div ?PAGE,
    case wasm2beam_memory:grow(Mem, Delta) of
        Pages ->
            ?assert(Pages + Delta =< ?MAX),
            ?assertEqual(Pages + Delta, wasm2beam_memory:pages(Mem)),
            {<<Bytes/binary, 0:(Delta * ?PAGE)/unit:8>>, Mem, Root};
        16#FFFFFFFF ->
            ?assert(Pages + Delta > ?MAX),
            {Bytes, Mem, Root}
    end;
apply_operation(fetch_root, {Bytes, Mem, Old}) ->
    Root = wasm2beam_memory:root(Mem),
    Generation = wasm2beam_cells:get(wasm2beam_memory:cells(Mem), 1),
    ?assertEqual(element(1, Root), Generation),
    %% Generated code notices every leaf that it lacks.
    ?assertEqual(leaves(Old) =:= leaves(Root), element(1, Old) =:= Generation),
    {Bytes, Mem, Root}.

leaves(Root) ->
    length([Leaf || Leaf <- tl(tuple_to_list(Root)), is_tuple(Leaf)]).

edited({Bytes, Mem, Root}, Address, Data, Edit) ->
    Length = byte_size(Data),
    case Bytes of
        <<Before:Address/binary, _:Length/binary, After/binary>> ->
            ?assertEqual({ok, ok}, attempt(fun() -> Edit(Mem) end)),
            {<<Before/binary, Data/binary, After/binary>>, Mem, Root};
        _ ->
            ?assertEqual(trap, attempt(fun() -> Edit(Mem) end)),
            {Bytes, Mem, Root}
    end.

load(1, Address, Root, Mem) -> wasm2beam_cells:load8_u(Address, Root, Mem);
load(2, Address, Root, Mem) -> wasm2beam_cells:load16_u(Address, Root, Mem);
load(4, Address, Root, Mem) -> wasm2beam_cells:load32(Address, Root, Mem);
load(8, Address, Root, Mem) ->
    {High, Low} = wasm2beam_cells:load64(Address, Root, Mem),
    (High bsl 32) bor Low.

store(1, Root, Address, Word, Mem) -> wasm2beam_cells:store8(Root, Address, Word band 16#FFFFFFFF, Mem);
store(2, Root, Address, Word, Mem) -> wasm2beam_cells:store16(Root, Address, Word band 16#FFFFFFFF, Mem);
store(4, Root, Address, Word, Mem) -> wasm2beam_cells:store32(Root, Address, Word band 16#FFFFFFFF, Mem);
store(8, Root, Address, Word, Mem) ->
    wasm2beam_cells:store64(Root, Address, Word bsr 32, Word band 16#FFFFFFFF, Mem).

attempt(Fun) ->
    try
        {ok, Fun()}
    catch
        error:{wasm_trap, out_of_bounds_memory_access} -> trap
    end.

%% A large memory makes several leaves at once; each must get its own waiting data.
chunks_test() ->
    setup(),
    Mem = wasm2beam_memory:new(1000, none, 65536),
    Addresses = [rand:uniform(1000 * ?PAGE - 16) || _ <- lists:seq(1, 200)],
    [wasm2beam_memory:write(Mem, A - A rem 16, <<A:128/little>>) || A <- Addresses],
    [?assertEqual(A, wasm2beam_memory:load(Mem, A - A rem 16, 4)) || A <- lists:reverse(Addresses)],
    ?assertEqual(16#FFFFFFFF, wasm2beam_memory:grow(Mem, 65536)),
    ?assertEqual(1000, wasm2beam_memory:grow(Mem, 2)),
    [?assertEqual(<<A:128/little>>, wasm2beam_memory:read(Mem, A - A rem 16, 16)) || A <- Addresses],
    wasm2beam_store:release(wasm2beam_memory:key(Mem)).

%% Two memories, and what was copied does not hang together afterwards.
copy_between_test() ->
    setup(),
    From = wasm2beam_memory:new(1, none, 65536),
    To = wasm2beam_memory:new(1, none, 65536),
    Data = rand:bytes(20000),
    wasm2beam_memory:write(From, 100, Data),
    wasm2beam_memory:copy(To, From, 33, 100, 20000),
    wasm2beam_memory:fill(From, 0, 255, ?PAGE),
    ?assertEqual(Data, wasm2beam_memory:read(To, 33, 20000)),
    ?assertEqual(binary:copy(<<255>>, ?PAGE), wasm2beam_memory:read(From, 0, ?PAGE)).

%% An empty range at the very end is in bounds, one byte beyond is not, as the specification has it.
empty_ranges_test() ->
    setup(),
    Mem = wasm2beam_memory:new(1, none, 65536),
    ?assertEqual(ok, wasm2beam_memory:fill(Mem, ?PAGE, 1, 0)),
    ?assertEqual(ok, wasm2beam_memory:copy(Mem, Mem, ?PAGE, ?PAGE, 0)),
    ?assertEqual(<<>>, wasm2beam_memory:read(Mem, ?PAGE, 0)),
    ?assertEqual(trap, attempt(fun() -> wasm2beam_memory:fill(Mem, ?PAGE + 1, 1, 0) end)),
    ?assertEqual(trap, attempt(fun() -> wasm2beam_memory:write(Mem, ?PAGE + 1, <<>>) end)).

%% A memory that is only declared costs less than 1/400 of its size, also after growing.
size_test() ->
    setup(),
    Empty = heap_after(fun() -> ok end),
    Declared = heap_after(fun() -> wasm2beam_memory:new(4000, none, 65536) end),
    ?assert(Declared - Empty < 4000 * ?PAGE div 400),
    Grown = heap_after(fun() ->
        Mem = wasm2beam_memory:new(0, none, 65536),
        [?assertEqual(I, wasm2beam_memory:grow(Mem, 1)) || I <- lists:seq(0, 3999)],
        wasm2beam_memory:store(Mem, 70, 4, 1),
        Mem
    end),
    ?assert(Grown - Empty < 4000 * ?PAGE div 400).

%% Bytes of a process that made something and collected its garbage.
heap_after(Make) ->
    Parent = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        Made = Make(),
        erlang:garbage_collect(),
        {memory, Bytes} = process_info(self(), memory),
        Parent ! {self(), Bytes, Made =:= ok}
    end),
    receive
        {Pid, Bytes, _} -> Bytes;
        {'DOWN', Ref, process, Pid, Reason} -> error(Reason)
    end.

%% What a host writes in small pieces, over and under each other, is there when the leaf is touched.
pieces_test() ->
    setup(),
    Mem = wasm2beam_memory:new(1, none, 65536),
    Expected = lists:foldl(
        fun(I, Bytes) ->
            Offset = rand:uniform(4000),
            Data = <<I:64>>,
            wasm2beam_memory:write(Mem, Offset, Data),
            <<Before:Offset/binary, _:8/binary, After/binary>> = Bytes,
            <<Before/binary, Data/binary, After/binary>>
        end,
        <<0:4096/unit:8>>,
        lists:seq(1, 500)
    ),
    ?assertEqual(Expected, wasm2beam_memory:read(Mem, 0, 4096)),
    <<First:32/little, _/binary>> = Expected,
    ?assertEqual(First, wasm2beam_memory:load(Mem, 0, 4)),
    ?assertEqual(Expected, wasm2beam_memory:read(Mem, 0, 4096)).

%% What a host reads of what waits: pieces that cover, overlap and leave gaps, and zeros, in leaves that nothing touches.
waiting_test() ->
    setup(),
    _ = rand:seed(exsss, 15),
    Mem = wasm2beam_memory:new(1, none, 65536),
    lists:foldl(
        fun(_, Bytes) ->
            Offset = rand:uniform(2 * ?LEAF) - 1,
            Length = min(2 * ?LEAF - Offset, element(rand:uniform(3), {rand:uniform(20), 16, rand:uniform(?LEAF)})),
            Data = element(rand:uniform(2), {rand:bytes(Length), binary:copy(<<0>>, Length)}),
            <<Before:Offset/binary, _:Length/binary, After/binary>> = Bytes,
            Written = <<Before/binary, Data/binary, After/binary>>,
            wasm2beam_memory:write(Mem, Offset, Data),
            From = rand:uniform(2 * ?LEAF) - 1,
            Count = min(2 * ?LEAF - From, rand:uniform(100)),
            ?assertEqual(binary:part(Written, From, Count), wasm2beam_memory:read(Mem, From, Count)),
            Written
        end,
        <<0:(2 * ?LEAF)/unit:8>>,
        lists:seq(1, 1000)
    ),
    ?assert(0 =:= element(1, wasm2beam_memory:root(Mem))),
    ?assert(wasm2beam_memory:touched_bytes(Mem) =< 2 * ?LEAF).
