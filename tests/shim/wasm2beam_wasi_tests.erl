%% WASI without files: arguments, environment, clocks, randomness, polling, exit, sockets, streams, options; and every
%% call with forged pointers.
-module(wasm2beam_wasi_tests).

-include("wasi.hrl").

-define(bad_option(Key, Options), ?assertError({wasm_error, {bad_option, Key, _}}, wasm2beam_wasi:new(Options))).

check_arguments() ->
    give(#{arguments => ["prog", <<"b", 255>>, "ü"], environment => #{"B" => "2=3", <<"A">> => ""}}),
    ?assertEqual(?SUCCESS, call(args_sizes_get, [?RESULT, ?RESULT + 4])),
    ?assertEqual(<<3:32/little, 11:32/little>>, peek(?RESULT, 8)),
    ?assertEqual(?SUCCESS, call(args_get, [?RESULT, ?DATA])),
    ?assertEqual(<<"prog", 0, "b", 255, 0, "ü"/utf8, 0>>, peek(?DATA, 11)),
    ?assertEqual(<<?DATA:32/little, (?DATA + 5):32/little, (?DATA + 8):32/little>>, peek(?RESULT, 12)),
    ?assertEqual(?SUCCESS, call(environ_sizes_get, [?RESULT, ?RESULT + 4])),
    ?assertEqual(<<2:32/little, 9:32/little>>, peek(?RESULT, 8)),
    ?assertEqual(?SUCCESS, call(environ_get, [?RESULT, ?DATA])),
    ?assertEqual(<<"A=", 0, "B=2=3", 0>>, peek(?DATA, 9)),
    ?assertEqual(?FAULT, call(args_get, [-1, ?DATA])),
    ?assertEqual(?FAULT, call(args_get, [?RESULT, 65530])),
    ?assertEqual(?FAULT, call(args_sizes_get, [?RESULT, 65533])),
    ?assertEqual(?FAULT, call(environ_sizes_get, [65533, ?RESULT])),
    ?assertEqual(?FAULT, call(environ_get, [?RESULT, -1])).

check_clocks() ->
    give(#{clock => fun(realtime) -> 5; (monotonic) -> 16#FFFFFFFFFFFFFFFF; (process_cputime) -> -1; (_) -> soon end}),
    ?assertEqual(?SUCCESS, call(clock_time_get, [0, 1, ?RESULT])),
    ?assertEqual(5, u64()),
    ?assertEqual(?SUCCESS, call(clock_time_get, [1, -1, ?RESULT])),
    ?assertEqual(16#FFFFFFFFFFFFFFFF, u64()),
    ?assertEqual(?OVERFLOW, call(clock_time_get, [2, 0, ?RESULT])),
    ?assertEqual(?OVERFLOW, call(clock_time_get, [3, 0, ?RESULT])),
    ?assertEqual(?INVAL, call(clock_time_get, [4, 0, ?RESULT])),
    ?assertEqual(?FAULT, call(clock_time_get, [0, 0, 65529])),
    ?assertEqual(?SUCCESS, call(clock_res_get, [1, ?RESULT])),
    ?assert(u64() > 0),
    ?assertEqual(?INVAL, call(clock_res_get, [-1, ?RESULT])),
    ?assertEqual(?FAULT, call(clock_res_get, [0, -8])).

check_system_clocks() ->
    give(#{}),
    Before = erlang:system_time(nanosecond),
    ?assertEqual(?SUCCESS, call(clock_time_get, [0, 0, ?RESULT])),
    ?assert(u64() >= Before),
    ?assertEqual(?SUCCESS, call(clock_time_get, [1, 0, ?RESULT])),
    First = u64(),
    ?assert(First < 60_000_000_000),
    ?assertEqual(?SUCCESS, call(clock_time_get, [1, 0, ?RESULT])),
    ?assert(u64() >= First),
    [?assertEqual(?SUCCESS, call(clock_time_get, [Id, 0, ?RESULT])) || Id <- [2, 3]].

check_random() ->
    Draw = fun(Random, Length) ->
        give(#{random => Random}),
        {call(random_get, [?DATA - 1000, Length]), peek(?DATA - 1000, Length)}
    end,
    ?assertEqual(Draw({seed, 7}, 32000), Draw({seed, 7}, 32000)),
    ?assertNotEqual(Draw({seed, 7}, 16), Draw({seed, 8}, 16)),
    {?SUCCESS, One} = Draw(system, 1000),
    {?SUCCESS, Other} = Draw(system, 1000),
    ?assertNotEqual(One, Other),
    ?assertEqual({?SUCCESS, <<7, 7, 7>>}, Draw(fun(Count) -> binary:copy(<<7>>, Count) end, 3)),
    ?assertMatch({?IO, _}, Draw(fun(_) -> <<>> end, 3)),
    ?assertEqual(?SUCCESS, call(random_get, [65536, 0])),
    ?assertEqual(?FAULT, call(random_get, [65536, 1])),
    ?assertEqual(?FAULT, call(random_get, [0, -1])).

%% Time passes only while the guest sleeps.
check_poll_clock() ->
    put(time, 100),
    Sleep = fun(Nanoseconds) -> put(time, get(time) + Nanoseconds) end,
    give(#{clock => fun(_) -> get(time) end, sleep => Sleep}),
    Clock = fun(UserData, Id, Timeout, Flags) ->
        <<UserData:64/little, 0:64, Id:32/little, 0:32, Timeout:64/little, 0:64, Flags:16/little, 0:48>>
    end,
    poke(?DATA, [Clock(11, 0, 5000, 0), Clock(12, 1, 700, 1), Clock(13, 1, 16#FFFFFFFFFFFFFFFF, 0)]),
    ?assertEqual(?SUCCESS, call(poll_oneoff, [?DATA, ?PATH, 3, ?RESULT])),
    ?assertEqual(1, u32()),
    ?assertEqual(<<12:64/little, 0:192>>, peek(?PATH, 32)),
    ?assertEqual(700, get(time)),
    poke(?DATA, [Clock(1, 9, 0, 0), Clock(2, 0, 0, 2)]),
    ?assertEqual(?SUCCESS, call(poll_oneoff, [?DATA, ?PATH, 2, ?RESULT])),
    ?assertEqual(2, u32()),
    ?assertEqual(<<1:64/little, ?INVAL:16/little, 0:176, 2:64/little, ?INVAL:16/little, 0:176>>, peek(?PATH, 64)),
    ?assertEqual(?INVAL, call(poll_oneoff, [?DATA, ?PATH, 0, ?RESULT])),
    ?assertEqual(?INVAL, call(poll_oneoff, [?DATA, ?PATH, 4097, ?RESULT])),
    ?assertEqual(?FAULT, call(poll_oneoff, [65530, ?PATH, 1, ?RESULT])),
    ?assertEqual(?FAULT, call(poll_oneoff, [?DATA, 65530, 1, ?RESULT])),
    ?assertEqual(?FAULT, call(poll_oneoff, [?DATA, ?PATH, 1, -1])).

check_poll_descriptors() ->
    give(#{stdin => "abc", folders => [{"/", wasm2beam_wasi_fs_memory:new(#{<<"f">> => <<"12345">>})}]}),
    4 = open("f"),
    Fd = fun(Tag, Number) -> <<Number:64/little, Tag, 0:56, Number:32/little, 0:224>> end,
    Subscriptions = [{1, 0}, {2, 1}, {1, 4}, {2, 4}, {1, 1}, {2, 0}, {1, 3}, {1, 99}, {3, 0}],
    poke(?DATA, [Fd(Tag, Number) || {Tag, Number} <- Subscriptions]),
    ?assertEqual(?SUCCESS, call(poll_oneoff, [?DATA, ?PATH, 9, ?RESULT])),
    ?assertEqual(9, u32()),
    Events = [{U, E, T, N} || <<U:64/little, E:16/little, T, _:40, N:64/little, 0:64>> <= peek(?PATH, 9 * 32)],
    ?assertEqual(
        [
            {0, 0, 1, 1},
            {1, 0, 2, 0},
            {4, 0, 1, 5},
            {4, 0, 2, 0},
            {1, ?BADF, 1, 0},
            {0, ?BADF, 2, 0},
            {3, ?NOTCAPABLE, 1, 0},
            {99, ?BADF, 1, 0},
            {0, ?INVAL, 3, 0}
        ],
        Events
    ).

check_older_version() ->
    put(time, 1),
    Options = #{
        clock => fun(_) -> get(time) end,
        sleep => fun(Nanoseconds) -> put(time, get(time) + Nanoseconds) end,
        folders => [{"/", wasm2beam_wasi_fs_memory:new(#{<<"f">> => <<"12345">>})}]
    },
    give(Options, <<"wasi_unstable">>),
    poke(?DATA, <<7:64/little, 0:64, 1:64, 1:32/little, 0:32, 50:64/little, 0:64, 0:64>>),
    ?assertEqual(?SUCCESS, call(poll_oneoff, [?DATA, ?PATH, 1, ?RESULT])),
    ?assertEqual({<<7:64/little, 0:192>>, 51}, {peek(?PATH, 32), get(time)}),
    4 = open("f"),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, 2, 2, ?RESULT])),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, 1, 0, ?RESULT])),
    ?assertEqual(3, u64()),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, -1, 1, ?RESULT])),
    ?assertEqual(4, u64()),
    poke(?DATA, binary:copy(<<255>>, 64)),
    ?assertEqual(?SUCCESS, call(fd_filestat_get, [4, ?DATA])),
    ?assertMatch(<<_:128, 4, 0:24, 1:32/little, 5:64/little, _:192, ?BIG:32, ?BIG:32>>, peek(?DATA, 64)).

check_exit() ->
    Wasi = give(#{}),
    ?assertEqual({exit, 0}, wasm2beam_wasi:catch_exit(Wasi, fun() -> call(proc_exit, [0]) end)),
    ?assertEqual({exit, 16#FFFFFFFF}, wasm2beam_wasi:catch_exit(Wasi, fun() -> call(proc_exit, [-1]) end)),
    ?assertEqual({returned, 5}, wasm2beam_wasi:catch_exit(Wasi, fun() -> 5 end)),
    Other = wasm2beam_wasi:new(#{}),
    ?assertThrow(
        {wasm2beam_wasi_exit, _, 3}, wasm2beam_wasi:catch_exit(Other, fun() -> call(proc_exit, [3]) end)
    ).

check_process_and_sockets() ->
    give(#{}),
    ?assertEqual(?SUCCESS, call(sched_yield, [])),
    ?assertEqual(?NOTSUP, call(proc_raise, [6])),
    ?assertEqual(?INVAL, call(proc_raise, [31])),
    ?assertEqual(?NOTSOCK, call(sock_accept, [0, 0, ?RESULT])),
    ?assertEqual(?NOTSOCK, call(sock_recv, [0, 0, 0, 0, 0, 0])),
    ?assertEqual(?NOTSOCK, call(sock_send, [1, 0, 0, 0, 0])),
    ?assertEqual(?NOTSOCK, call(sock_shutdown, [2, 3])),
    ?assertEqual(?BADF, call(sock_accept, [9, 0, ?RESULT])),
    ?assertEqual(?BADF, call(sock_recv, [9, 0, 0, 0, 0, 0])),
    ?assertEqual(?BADF, call(sock_send, [9, 0, 0, 0, 0])),
    ?assertEqual(?BADF, call(sock_shutdown, [-1, 3])).

check_input() ->
    give(#{stdin => ["ab", <<"cde">>]}),
    ?assertEqual(<<"abc">>, read(0, 3)),
    ?assertEqual([<<>>, <<"de">>, <<>>], [read(0, 0), read(0, 3), read(0, 3)]),
    give(#{}),
    ?assertEqual(<<>>, read(0, 3)),
    put(left, ["chunk", <<>>]),
    give(#{stdin => fun(_) -> [Next | Rest] = get(left), put(left, Rest), Next end}),
    ?assertEqual([<<"ch">>, <<"unk">>, <<>>], [read(0, 2), read(0, 9), read(0, 1)]),
    give(#{stdin => fun(_) -> eof end}),
    ?assertEqual(<<>>, read(0, 2)),
    give(#{stdin => fun(_) -> {error, enomem} end}),
    ?assertEqual(48, read(0, 2)),
    File = filename:join(["build", "test", "wasi-input-" ++ os:getpid()]),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, <<"line ü\nlast"/utf8>>),
    try
        [check_device(File, Encoding) || Encoding <- [utf8, latin1]],
        give(#{stdin => {file, File}}),
        ?assertEqual([<<"line ü\n"/utf8>>, <<"last">>, <<>>], [read(0, 8), read(0, 9), read(0, 9)])
    after
        file:delete(File)
    end.

check_device(File, Encoding) ->
    {ok, Device} = file:open(File, [read, binary, {encoding, Encoding}]),
    give(#{stdin => {io, Device}}),
    ?assertEqual([<<"line ">>, <<"ü\n"/utf8>>, <<"last">>, <<>>], [read(0, 5), read(0, 9), read(0, 9), read(0, 9)]),
    file:close(Device).

check_output() ->
    Self = self(),
    Wasi = give(#{stdout => collect, stderr => {send, Self, tag}}),
    ?assertEqual([?SUCCESS, ?SUCCESS], [write(1, "one "), write(1, "two")]),
    ?assertEqual(<<"one two">>, wasm2beam_wasi:output(Wasi, stdout)),
    ?assertEqual(?SUCCESS, write(2, "note")),
    receive
        {tag, Note} -> ?assertEqual(<<"note">>, Note)
    after 0 -> error(no_message)
    end,
    give(#{stdout => fun(Bytes) -> put(written, Bytes) end}),
    ?assertEqual({?SUCCESS, <<0, 255>>}, {write(1, <<0, 255>>), get(written)}),
    Characters = give(#{stdout => {io, group_leader()}}),
    ?assertEqual(?SUCCESS, write(1, <<16#C3>>)),
    ?assertEqual(?SUCCESS, write(1, <<16#BC, 10>>)),
    wasm2beam_wasi:close(Characters),
    ?assertError({wasm_error, {closed, wasi}}, wasm2beam_wasi:output(Characters, stdout)),
    ?assertError({wasm_error, {closed, wasi}}, write(1, "x")).

%% The device of the process's group.
check_inherited() ->
    Folder = filename:join(["build", "test"]),
    [In, Out] = [filename:join(Folder, ["wasi-", Name, "-", os:getpid()]) || Name <- ["in", "out"]],
    ok = filelib:ensure_dir(In),
    ok = file:write_file(In, "first\nsecond"),
    Leader = group_leader(),
    try
        {ok, Input} = file:open(In, [read, binary]),
        true = group_leader(Input, self()),
        give(#{stdin => inherit}),
        ?assertEqual([<<"first\n">>, <<"second">>, <<>>], [read(0, 99), read(0, 99), read(0, 99)]),
        {ok, Output} = file:open(Out, [write, binary]),
        true = group_leader(Output, self()),
        give(#{stdout => inherit}),
        ?assertEqual([?SUCCESS, ?SUCCESS], [write(1, <<0, 255>>), write(1, "text")]),
        ok = file:close(Output),
        ?assertEqual({ok, <<0, 255, "text">>}, file:read_file(Out)),
        %% A device that is gone.
        ?assertEqual(?IO, write(1, "more"))
    after
        group_leader(Leader, self()),
        [file:delete(Name) || Name <- [In, Out]]
    end.

check_stream_errors() ->
    give(#{}),
    ?assertEqual(?NOTCAPABLE, write(0, "x")),
    ?assertEqual(?NOTCAPABLE, read(1, 1)),
    ?assertEqual([?BADF, ?BADF], [write(3, "x"), read(-1, 1)]),
    ?assertEqual(?SPIPE, call(fd_seek, [0, 0, 1, ?RESULT])),
    ?assertEqual(?SPIPE, call(fd_tell, [1, ?RESULT])),
    ?assertEqual(?SPIPE, call(fd_advise, [1, 0, 0, 0])),
    ?assertEqual(?SPIPE, call(fd_allocate, [1, 0, 1])),
    ?assertEqual(?SPIPE, call(fd_pread, [0, ?VECTORS, 1, 0, ?RESULT])),
    ?assertEqual(?SPIPE, call(fd_pwrite, [1, ?VECTORS, 1, 0, ?RESULT])),
    ?assertEqual(?NOTCAPABLE, call(fd_sync, [1])),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_set_size, [1, 0])),
    ?assertEqual(?NOTDIR, call(fd_readdir, [1, ?DATA, 10, 0, ?RESULT])),
    ?assertEqual(?BADF, call(fd_prestat_get, [1, ?RESULT])),
    ?assertEqual(?INVAL, call(fd_write, [1, ?VECTORS, 1025, ?RESULT])),
    poke(?VECTORS, <<0:32, 65536:32/little, 0:32, -1:32>>),
    ?assertEqual(?FAULT, call(fd_write, [1, ?VECTORS, 2, ?RESULT])),
    ?assertEqual(?FAULT, call(fd_read, [0, 65529, 1, ?RESULT])),
    ?assertEqual(?FAULT, call(fd_read, [0, ?VECTORS, 1, 65533])),
    %% 1,024 times the whole memory is more than one call moves.
    poke(?VECTORS, binary:copy(<<0:32, 65536:32/little>>, 1024)),
    ?assertEqual(?SUCCESS, call(fd_write, [1, ?VECTORS, 1024, ?RESULT])),
    ?assertEqual(16#400000, u32()),
    ?assertEqual(?SUCCESS, call(fd_close, [1])),
    ?assertEqual(?BADF, write(1, "x")),
    ?assertEqual(?BADF, call(fd_close, [1])).

check_options() ->
    ?bad_option(options, []),
    ?bad_option(argument, #{argument => []}),
    ?bad_option(arguments, #{arguments => <<"a">>}),
    ?bad_option(arguments, #{arguments => [<<"a", 0>>]}),
    ?bad_option(arguments, #{arguments => [atom]}),
    ?bad_option(environment, #{environment => #{<<"a=b">> => <<>>}}),
    ?bad_option(environment, #{environment => [{"", "b"}]}),
    ?bad_option(environment, #{environment => ["A=b"]}),
    ?bad_option(stdin, #{stdin => atom}),
    ?bad_option(stdin, #{stdin => ["a", atom]}),
    ?bad_option(stdin, #{stdin => {file, "no/such/file"}}),
    ?bad_option(stdout, #{stdout => <<"a">>}),
    ?bad_option(stderr, #{stderr => empty}),
    ?bad_option(clock, #{clock => 5}),
    ?bad_option(sleep, #{sleep => 5}),
    ?bad_option(random, #{random => {seed, a}}),
    ?bad_option(folders, #{folders => [{"/", "no/such/folder"}]}),
    ?bad_option(folders, #{folders => [{"/"}]}),
    ?bad_option(folders, #{folders => [{"/", ".", wo}]}),
    ?bad_option(max_descriptors, #{max_descriptors => 2}),
    ?assert(is_binary(wasm2beam:format_error({wasm_error, {bad_option, stdin, atom}}))).

%% Whatever a guest passes, every call answers with a code, and what is outside its folder stays as it was.
check_forged_arguments() ->
    Outside = filename:join(["build", "test", "wasi-" ++ os:getpid()]),
    Inside = filename:join(Outside, "inside"),
    ok = filelib:ensure_dir(filename:join(Inside, "x")),
    ok = file:write_file(filename:join(Outside, "secret"), "secret"),
    _ = file:make_symlink("../secret", filename:join(Inside, "out")),
    {_, Seed0} = rand:uniform_s(rand:seed_s(exsss, 20)),
    Folders = [{"a", wasm2beam_wasi_fs_memory:new(#{<<"f/g">> => <<"x">>}, #{limit => 100000})}, {"b", Inside}],
    try
        [forge(Version, Folders, Seed0) || Version <- [<<"wasi_snapshot_preview1">>, <<"wasi_unstable">>]],
        ?assertEqual({ok, <<"secret">>}, file:read_file(filename:join(Outside, "secret"))),
        ?assertEqual({ok, ["inside", "secret"]}, sorted(file:list_dir(Outside)))
    after
        file:del_dir_r(Outside)
    end.

sorted({ok, Names}) -> {ok, lists:sort(Names)}.

forge(Version, Folders, Seed0) ->
    put(time, 1),
    Clock = fun(_) -> put(time, min(get(time) * 2, 16#FFFFFFFFFFFFFFFF)) end,
    give(#{stdin => "input", folders => Folders, clock => Clock, sleep => fun(_) -> ok end}, Version),
    {Instance, _, Space} = get(guest),
    Names = wasm2beam_wasi_calls:names() -- [<<"proc_exit">>],
    Step = fun(Number, Seed1) ->
        {Which, Seed2} = rand:uniform_s(length(Names), Seed1),
        Name = lists:nth(Which, Names),
        Fun = maps:get(Name, Space),
        {arity, Arity} = erlang:fun_info(Fun, arity),
        {Args, Seed3} = lists:mapfoldl(fun pick/2, Seed2, lists:seq(2, Arity)),
        Number rem 50 =:= 0 andalso poke(0, content()),
        Code = apply(Fun, [Instance | Args]),
        is_integer(Code) andalso Code >= 0 andalso Code =< 76 orelse error({Name, Args, Code}),
        Seed3
    end,
    _ = lists:foldl(Step, Seed0, lists:seq(0, 5999)),
    ok.

pick(_, Seed0) ->
    Values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 24, 40, 64, 100, 65535, 65536, -1, 16#7FFFFFFF, -16#80000000],
    {Which, Seed} = rand:uniform_s(length(Values), Seed0),
    {lists:nth(Which, Values), Seed}.

%% Paths, links, vectors and zeros at the addresses that are picked.
content() ->
    Texts = <<"../secret", 0, "out", 0, "/etc/passwd", 0, "f/../../x", 0, "inside", 0, "f/g", 255, "a/b/c">>,
    [Texts, <<0:128, 16:32/little, 8:32/little, 65535:32/little, 1:32/little, -1:64>>, Texts].
