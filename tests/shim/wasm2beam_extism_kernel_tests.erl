%% The memory of blocks against a model: random allocations, frees, stores and loads, with collections in between.
-module(wasm2beam_extism_kernel_tests).

-include_lib("eunit/include/eunit.hrl").

-define(PAGE, 65536).
-define(STEPS, 20000).

model_test_() ->
    {timeout, 60, [
        {spawn, fun() -> model(Seed, #{limit => Limit}) end}
     || {Seed, Limit} <- [{1, 2}, {2, 40}, {3, 40}]
    ]}.

%% The model: contents of active blocks.
model(Seed, #{limit := Limit}) ->
    rand:seed(exsss, Seed),
    Key = wasm2beam_extism_kernel:new(Limit),
    lists:foldl(fun(Step, Blocks) -> checked(Key, Step, step(rand:uniform(10), Key, Blocks)) end, #{}, lists:seq(1, ?STEPS)),
    ok = wasm2beam_extism_kernel:close(Key),
    ?assertEqual(['$wasm2beam'], [Name || {Name, _} <- get(), not is_rand(Name)]).

is_rand(Name) -> Name =:= rand_seed orelse Name =:= '$ancestors' orelse Name =:= '$initial_call'.

checked(Key, Step, Blocks) ->
    Step rem 1000 =:= 0 andalso erlang:garbage_collect(),
    Step rem 100 =:= 0 andalso
        maps:foreach(
            fun(Handle, Bytes) -> ?assertEqual({ok, Bytes}, wasm2beam_extism_kernel:get(Key, Handle)) end, Blocks
        ),
    Blocks.

step(1, Key, Blocks) when map_size(Blocks) > 30 ->
    ok = wasm2beam_extism_kernel:reset(Key),
    maps:foreach(fun(Handle, _) -> ?assertEqual(0, wasm2beam_extism_kernel:length(Key, Handle)) end, Blocks),
    #{};
step(Kind, Key, Blocks) when Kind =< 4 ->
    Bytes = rand:bytes(random_length()),
    case wasm2beam_extism_kernel:put(Key, Bytes) of
        {ok, Handle} ->
            ?assertNot(is_map_key(Handle, Blocks)),
            [?assert(Handle + byte_size(Bytes) =< Other orelse Other + byte_size(Old) =< Handle)
             || {Other, Old} <- maps:to_list(Blocks)],
            Blocks#{Handle => Bytes};
        {error, out_of_memory} ->
            Blocks
    end;
step(_Kind, _Key, Blocks) when map_size(Blocks) =:= 0 ->
    Blocks;
step(Kind, Key, Blocks) ->
    {Handle, Bytes} = lists:nth(rand:uniform(map_size(Blocks)), maps:to_list(Blocks)),
    Length = byte_size(Bytes),
    At = rand:uniform(Length) - 1,
    ?assertEqual(Length, wasm2beam_extism_kernel:length(Key, Handle)),
    case Kind of
        _ when Kind =< 6 ->
            ok = wasm2beam_extism_kernel:free(Key, Handle),
            ok = wasm2beam_extism_kernel:free(Key, Handle),
            ?assertEqual(0, wasm2beam_extism_kernel:length(Key, Handle)),
            ?assertEqual(error, wasm2beam_extism_kernel:get(Key, Handle)),
            maps:remove(Handle, Blocks);
        7 ->
            Byte = rand:uniform(256) - 1,
            ok = wasm2beam_extism_kernel:store_u8(Key, Handle + At, Byte),
            Blocks#{Handle := replaced(Bytes, At, <<Byte>>)};
        8 ->
            ?assertEqual(binary:at(Bytes, At), wasm2beam_extism_kernel:load_u8(Key, Handle + At)),
            Blocks;
        _ when At + 8 > Length ->
            Blocks;
        9 ->
            Value = rand:uniform(1 bsl 64) - 1,
            ok = wasm2beam_extism_kernel:store_u64(Key, Handle + At, Value),
            Blocks#{Handle := replaced(Bytes, At, <<Value:64/little>>)};
        10 ->
            <<_:At/binary, Value:64/little, _/binary>> = Bytes,
            ?assertEqual(Value, wasm2beam_extism_kernel:load_u64(Key, Handle + At)),
            Blocks
    end.

random_length() ->
    case rand:uniform(20) of
        1 -> rand:uniform(100000);
        _ -> rand:uniform(200)
    end.

replaced(Bytes, At, Part) ->
    Length = byte_size(Part),
    <<Before:At/binary, _:Length/binary, After/binary>> = Bytes,
    <<Before/binary, Part/binary, After/binary>>.

small_memory_test_() ->
    {spawn, fun() ->
        None = wasm2beam_extism_kernel:new(0),
        ?assertEqual({error, out_of_memory}, wasm2beam_extism_kernel:alloc(None, 1)),
        ?assertEqual({ok, 0}, wasm2beam_extism_kernel:alloc(None, 0)),
        ?assertEqual(0, wasm2beam_extism_kernel:bytes(None)),
        ?assertEqual(0, wasm2beam_extism_kernel:load_u8(None, 64)),
        ok = wasm2beam_extism_kernel:store_u64(None, 64, 1),
        ok = wasm2beam_extism_kernel:reset(None),
        One = wasm2beam_extism_kernel:new(1),
        ?assertEqual({error, out_of_memory}, wasm2beam_extism_kernel:alloc(One, ?PAGE)),
        ?assertMatch({ok, _}, wasm2beam_extism_kernel:alloc(One, ?PAGE - 200)),
        ?assertEqual({error, out_of_memory}, wasm2beam_extism_kernel:alloc(One, 1 bsl 64))
    end}.
