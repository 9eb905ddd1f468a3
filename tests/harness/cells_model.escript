#!/usr/bin/env escript
%% -*- erlang -*-
%% Random operations on the real wasm2beam_cells against a plain model, with garbage collections in between.
%%
%% Consumes the folder of wasm2beam_cells.beam, a seed and a number of operations; prints `ok N slow M` (N operations, of
%% which M went to the stand-in for wasm2beam_memory) or fails with the first operation whose answer is wrong.
-mode(compile).

-define(PAGES, 3).
-define(BYTES, (?PAGES * 65536)).

main([Folder, Seed, Count]) ->
    {module, wasm2beam_cells} = code:load_abs(filename:join(Folder, "wasm2beam_cells")),
    load_stand_in(),
    rand:seed(exsss, list_to_integer(Seed)),
    cells(list_to_integer(Count) div 10),
    put(slow, 0),
    put(root, list_to_tuple([1 | lists:duplicate(?PAGES * 16, 0)])),
    memory(list_to_integer(Count), erlang:get(root), #{}),
    io:format("ok ~s slow ~b~n", [Count, erlang:get(slow)]).

%% wasm2beam_memory in its simplest form: one memory, whose root is in the process dictionary. Every byte goes through
%% get/2 and set/3, so that nothing here depends on load and store themselves.
load_stand_in() ->
    Source = "-module(wasm2beam_memory). -export([load/3, load64/2, fetch/3, fetch64/2, store/4, store64/4]).
        load(mem, A, N) -> put(slow, get(slow) + 1), load(A, N, 0, 0).
        load(_, N, N, W) -> W;
        load(A, N, I, W) ->
            {Row, Word, Shift} = place(A + I),
            Byte = (wasm2beam_cells:get(Row, Word) bsr Shift) band 255,
            load(A, N, I + 1, W bor (Byte bsl (8 * I))).
        store(mem, A, N, W) -> put(slow, get(slow) + 1), place(A + N - 1), store_bytes(A, N, W), get(root).
        store_bytes(_, 0, _) -> ok;
        store_bytes(A, N, W) ->
            {Row, Word, Shift} = place(A),
            Old = wasm2beam_cells:get(Row, Word),
            ok = wasm2beam_cells:set(Row, Word, (Old band bnot (255 bsl Shift)) bor ((W band 255) bsl Shift)),
            store_bytes(A + 1, N - 1, W bsr 8).
        place(A) ->
            Root = get(root),
            Slot = (A bsr 12) + 2,
            Slot =< tuple_size(Root) orelse error({wasm_trap, out_of_bounds_memory_access}),
            Leaf = case element(Slot, Root) of
                0 ->
                    New = wasm2beam_cells:new(),
                    put(root, setelement(1, setelement(Slot, Root, New), element(1, Root) + 1)),
                    New;
                Old -> Old
            end,
            {element(((A bsr 4) band 255) + 1, Leaf), ((A bsr 2) band 3) + 1, 8 * (A band 3)}.
        load64(mem, A) -> <<Low:32, High:32>> = <<(load(mem, A, 4)):32, (load(mem, A + 4, 4)):32>>, {High, Low}.
        fetch(mem, A, N) -> {load(mem, A, N), get(root)}.
        fetch64(mem, A) -> {High, Low} = load64(mem, A), {High, Low, get(root)}.
        store64(mem, A, H, L) -> store(mem, A + 4, 4, H), store(mem, A, 4, L).",
    {ok, Tokens, _} = erl_scan:string(Source),
    {module, _} = load_forms(split_forms(Tokens, [], [])),
    ok.

split_forms([], [], Forms) -> lists:reverse(Forms);
split_forms([{dot, _} = Dot | Tokens], Form, Forms) ->
    {ok, Parsed} = erl_parse:parse_form(lists:reverse(Form, [Dot])),
    split_forms(Tokens, [], [Parsed | Forms]);
split_forms([Token | Tokens], Form, Forms) -> split_forms(Tokens, [Token | Form], Forms).

load_forms(Forms) ->
    {ok, Name, Binary} = compile:forms(Forms),
    code:load_binary(Name, "stand-in", Binary).

%% get/2 and set/3 on tuples of all sizes, leaves, and what is refused.
cells(Count) ->
    [cells_of(Size, Count) || Size <- [1, 2, 7, 1023, 1024, 1500]],
    Leaf = wasm2beam_cells:new(),
    [edit_run(Leaf) || _ <- lists:seq(1, 1000)],
    [copy_run(wasm2beam_cells:new(), Leaf, wasm2beam_cells:new()) || _ <- lists:seq(1, 1000)],
    [copy_run(Leaf, Leaf, Leaf) || _ <- lists:seq(1, 1000)],
    [refused(Call) || Call <- [
        fun() -> wasm2beam_cells:get({1}, 0) end,
        fun() -> wasm2beam_cells:get({1}, 2) end,
        fun() -> wasm2beam_cells:get(0, 1) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), 3, 0) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), 0, 0) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), a, 0) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2000, 0), 1025, 0) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), 1, 1.0) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), 1, 1 bsl 60) end,
        fun() -> wasm2beam_cells:set(erlang:make_tuple(2, 0), 1, -(1 bsl 70)) end,
        fun() -> wasm2beam_cells:set(0, 1, 0) end,
        fun() -> wasm2beam_cells:read_rows(0, 0, 1) end,
        fun() -> wasm2beam_cells:read_rows(erlang:make_tuple(255, {}), 0, 1) end,
        fun() -> wasm2beam_cells:read_rows(Leaf, 3, 2) end,
        fun() -> wasm2beam_cells:read_rows(Leaf, -1, 2) end,
        fun() -> wasm2beam_cells:read_rows(Leaf, 255, 257) end,
        fun() -> wasm2beam_cells:write_rows(erlang:make_tuple(255, {}), 0, 1, <<0:128>>) end,
        fun() -> wasm2beam_cells:write_rows(Leaf, 255, 257, <<0:256>>) end,
        fun() -> wasm2beam_cells:write_rows(Leaf, 3, 5, <<0:255>>) end,
        fun() -> wasm2beam_cells:write_rows(Leaf, 3, 5, none) end,
        fun() -> wasm2beam_cells:fill_rows(Leaf, 255, 257, 1) end,
        fun() -> wasm2beam_cells:fill_rows(erlang:make_tuple(255, {}), 0, 1, 1) end,
        fun() -> wasm2beam_cells:copy_rows(Leaf, 0, 2, Leaf, 4095, 0, 1) end,
        fun() -> wasm2beam_cells:copy_rows(Leaf, 0, 1, Leaf, 4081, 0, -1) end,
        fun() -> wasm2beam_cells:copy_rows(Leaf, 255, 257, Leaf, 0, Leaf, 1) end,
        fun() -> wasm2beam_cells:copy_rows(Leaf, 3, 2, Leaf, 0, Leaf, 1) end,
        fun() -> wasm2beam_cells:copy_part({1, 2, 3}, 0, 1, {1, 2, 3, 4}, {1, 2, 3, 4}, 0) end,
        fun() -> wasm2beam_cells:copy_part(element(1, Leaf), 0, 1, {1, 2, 3, 4}, 0, 0) end,
        fun() -> wasm2beam_cells:copy_part(element(1, Leaf), -1, 1, {1, 2, 3, 4}, {1, 2, 3, 4}, 0) end,
        fun() -> wasm2beam_cells:copy_part(element(1, Leaf), 16, 16, {1, 2, 3, 4}, {1, 2, 3, 4}, 0) end,
        fun() -> wasm2beam_cells:copy_part(element(1, Leaf), 0, 0, {1, 2, 3, 4}, {1, 2, 3, 4}, 0) end,
        fun() -> wasm2beam_cells:copy_part(element(1, Leaf), 0, 17, {1, 2, 3, 4}, {1, 2, 3, 4}, 0) end,
        fun() -> wasm2beam_cells:put_part(0, 0, 1, 1, 2, 3, 4) end,
        fun() -> wasm2beam_cells:put_part(element(1, Leaf), 3, 17, 1, 2, 3, 4) end]].

cells_of(Size, Count) ->
    Tuple = erlang:make_tuple(Size, 0),
    Model = lists:foldl(fun(I, Model) ->
        Index = rand:uniform(min(Size, 1024)),
        Word = word() - (I band 1),
        ok = wasm2beam_cells:set(Tuple, Index, Word),
        collect(I),
        Other = rand:uniform(Size),
        same({get, Size, Other}, maps:get(Other, Model#{Index => Word}, 0), wasm2beam_cells:get(Tuple, Other)),
        Model#{Index => Word}
    end, #{}, lists:seq(1, Count)),
    Expected = [maps:get(I, Model, 0) || I <- lists:seq(1, Size)],
    same({all, Size}, Expected, [wasm2beam_cells:get(Tuple, I) || I <- lists:seq(1, Size)]).

%% write_rows/4, fill_rows/4, put_part/7 and copy_part/6, and what read_rows/3 says of them.
edit_run(Leaf) ->
    Old = bytes(Leaf),
    {Row, Last} = rows(),
    First = rand:uniform(16) - 1,
    End = First + rand:uniform(16 - First),
    Number = rand:uniform(256),
    {Offset, New} = case rand:uniform(4) of
        1 ->
            Bytes = rand:bytes(16 * (Last - Row) + rand:uniform(3) - 1),
            %% Part of a larger one, at any bit.
            Skip = rand:uniform(16) - 1,
            <<_:Skip, Part/bits>> = <<0:Skip, Bytes/binary>>,
            ok = wasm2beam_cells:write_rows(Leaf, Row, Last, Part),
            {16 * Row, binary:part(Bytes, 0, 16 * (Last - Row))};
        2 ->
            Word = word(),
            ok = wasm2beam_cells:fill_rows(Leaf, Row, Last, Word),
            {16 * Row, binary:copy(<<Word:32/little>>, 4 * (Last - Row))};
        3 ->
            [A, B, C, D] = Words = [word() || _ <- "four"],
            ok = wasm2beam_cells:put_part(element(Number, Leaf), First, End, A, B, C, D),
            {16 * (Number - 1) + First, binary:part(<< <<Word:32/little>> || Word <- Words >>, First, End - First)};
        4 ->
            {One, Other, Offset0} = {rand:uniform(256), rand:uniform(256), rand:uniform(16) - 1},
            Row32 = <<(binary:part(Old, 16 * One - 16, 16))/binary, (binary:part(Old, 16 * Other - 16, 16))/binary>>,
            ok = wasm2beam_cells:copy_part(element(Number, Leaf), First, End, element(One, Leaf), element(Other, Leaf), Offset0),
            {16 * (Number - 1) + First, binary:part(Row32, Offset0 + First, End - First)}
    end,
    Length = byte_size(New),
    <<Before:Offset/binary, _:Length/binary, After/binary>> = Old,
    Expected = <<Before/binary, New/binary, After/binary>>,
    collect(Number),
    same({edited, Offset, Length}, Expected, bytes(Leaf)),
    {From, To} = rows(),
    same({read, From, To}, binary:part(Expected, 16 * From, 16 * (To - From)), iolist_to_binary(wasm2beam_cells:read_rows(Leaf, From, To))).

%% copy_rows/7: upwards, so that a leaf may be copied down within itself; or downwards.
copy_run(To, From, Next) ->
    ok = wasm2beam_cells:write_rows(Next, 0, 256, rand:bytes(4096)),
    {Row, Last} = rows(),
    Length = 16 * (Last - Row),
    Step = element(rand:uniform(2), {1, -1}),
    Offset = case {To =:= From, Step} of
        {true, 1} -> 16 * Row + near(4096 - 16 * Row);
        {true, -1} -> max(0, 16 * Row - near(16 * Row + 1));
        {false, _} -> rand:uniform(4096) - 1
    end,
    case To =:= From andalso Offset + Length > 4096 of
        true -> ok;
        false ->
            Source = binary:part(iolist_to_binary([bytes(From), bytes(Next)]), Offset, Length),
            Old = bytes(To),
            Behind = case Offset + Length > 4096 of true -> Next; false -> element(rand:uniform(2), {0, Next}) end,
            ok = wasm2beam_cells:copy_rows(To, Row, Last, From, Offset, Behind, Step),
            Tail = 4096 - 16 * Last,
            New = [binary:part(Old, 0, 16 * Row), Source, binary:part(Old, 4096, -Tail)],
            same({copy_rows, Row, Last, Offset, Step}, iolist_to_binary(New), bytes(To))
    end.

rows() ->
    Row = rand:uniform(257) - 1,
    Last = case rand:uniform(3) of
        1 -> 256;
        2 -> min(256, Row + rand:uniform(20) - 1);
        3 -> Row + rand:uniform(257 - Row) - 1
    end,
    {Row, Last}.

%% Below Limit, and small every other time.
near(Limit) ->
    min(Limit, rand:uniform(max(1, element(rand:uniform(2), {40, Limit})))) - 1.

bytes(Leaf) ->
    iolist_to_binary(wasm2beam_cells:read_rows(Leaf, 0, 256)).

refused(Call) ->
    try Call() of Result -> error({accepted, erlang:fun_info(Call, env), Result})
    catch error:badarg -> ok
    end.

memory(0, Root, Model) ->
    [same({load8_u, A}, maps:get(A, Model, 0), wasm2beam_cells:load8_u(A, Root, mem)) || A <- lists:seq(0, ?BYTES - 1)];
memory(N, Root, Model) ->
    collect(N),
    Bytes = element(rand:uniform(4), {1, 2, 4, 8}),
    case rand:uniform(40) of
        1 ->
            Address = element(rand:uniform(3), {?BYTES - Bytes + 1, 1 bsl 32, 1 bsl 33}),
            trapped(fun() -> load(Bytes, Address, Root) end),
            trapped(fun() -> store(Bytes, Root, Address, 1) end),
            memory(N - 1, Root, Model);
        Choice when Choice < 12; Bytes =:= 1, Choice < 20 ->
            Address = address(Bytes),
            same({load, Bytes, Address}, expected(Model, Address, Bytes), load(Bytes, Address, Root)),
            memory(N - 1, Root, Model);
        Choice when Choice < 20 ->
            Address = address(Bytes),
            {Fetched, NewRoot} = fetch(Bytes, Address, Root),
            same({fetch, Bytes, Address}, expected(Model, Address, Bytes), Fetched),
            %% Whatever was missing, it is there now.
            Slow = get(slow),
            same({fetched, Bytes, Address}, {Fetched, NewRoot}, fetch(Bytes, Address, NewRoot)),
            same({slow, Bytes, Address}, Slow, get(slow)),
            memory(N - 1, NewRoot, Model);
        _ ->
            Address = address(Bytes),
            Word = word() bor (word() bsl 32),
            NewRoot = store(Bytes, Root, Address, Word),
            NewModel = lists:foldl(fun(I, M) -> M#{Address + I => (Word bsr (8 * I)) band 255} end, Model, lists:seq(0, Bytes - 1)),
            %% Now and then the old root is kept: it must stay right.
            Kept = case rand:uniform(4) of 1 -> Root; _ -> NewRoot end,
            same({stored, Bytes, Address}, expected(NewModel, Address, Bytes), load(Bytes, Address, Kept)),
            memory(N - 1, Kept, NewModel)
    end.

load(1, A, Root) -> wasm2beam_cells:load8_u(A, Root, mem);
load(2, A, Root) -> wasm2beam_cells:load16_u(A, Root, mem);
load(4, A, Root) -> wasm2beam_cells:load32(A, Root, mem);
load(8, A, Root) -> {High, Low} = wasm2beam_cells:load64(A, Root, mem), (High bsl 32) bor Low.

fetch(2, A, Root) -> wasm2beam_cells:fetch16(A, Root, mem);
fetch(4, A, Root) -> wasm2beam_cells:fetch32(A, Root, mem);
fetch(8, A, Root) -> {High, Low, NewRoot} = wasm2beam_cells:fetch64(A, Root, mem), {(High bsl 32) bor Low, NewRoot}.

store(1, Root, A, W) -> wasm2beam_cells:store8(Root, A, W band 16#FFFFFFFF, mem);
store(2, Root, A, W) -> wasm2beam_cells:store16(Root, A, W band 16#FFFFFFFF, mem);
store(4, Root, A, W) -> wasm2beam_cells:store32(Root, A, W band 16#FFFFFFFF, mem);
store(8, Root, A, W) -> wasm2beam_cells:store64(Root, A, W bsr 32, W band 16#FFFFFFFF, mem).

expected(Model, Address, Bytes) ->
    lists:sum([maps:get(Address + I, Model, 0) bsl (8 * I) || I <- lists:seq(0, Bytes - 1)]).

trapped(Call) ->
    try Call() of Result -> error({accepted, Result})
    catch error:{wasm_trap, out_of_bounds_memory_access} -> ok
    end.

%% Close to each other often enough that widths overlap, and over all leaves.
address(Bytes) ->
    min(?BYTES - Bytes, case rand:uniform(2) of
        1 -> rand:uniform(?BYTES) - 1;
        2 -> 4096 * rand:uniform(?PAGES * 16 - 1) - 5 + rand:uniform(10)
    end).

word() ->
    element(rand:uniform(3), {rand:uniform(1 bsl 32) - 1, 16#FFFFFFFF, rand:uniform(256) - 1}).

collect(N) when N rem 997 =:= 0 -> erlang:garbage_collect();
collect(N) when N rem 101 =:= 0 -> erlang:garbage_collect(self(), [{type, minor}]);
collect(_) -> true.

same(_, Value, Value) -> ok;
same(What, Expected, Got) -> error({What, expected, Expected, got, Got}).
