%% WASI calls on descriptors of files and folders, in memory and in a folder of the operating system.
-module(wasm2beam_wasi_fd_tests).

-include("wasi.hrl").

-define(CREATE, 1).
-define(EXCLUSIVE, 4).
-define(TRUNCATE, 8).

check_in_memory() ->
    Fs = wasm2beam_wasi_fs_memory:new(#{<<"f">> => <<"hello">>, <<"d/e">> => <<>>}, #{limit => 1 bsl 40}),
    check_all(fun(Access) -> give(#{folders => [{"/", Fs, Access}], max_descriptors => 8}) end).

check_in_a_folder() ->
    Folder = filename:join(["build", "test", "wasi-fd-" ++ os:getpid()]),
    ok = filelib:ensure_dir(filename:join([Folder, "d", "e"])),
    try
        ok = file:write_file(filename:join(Folder, "f"), "hello"),
        ok = file:write_file(filename:join([Folder, "d", "e"]), ""),
        check_all(fun(Access) -> give(#{folders => [{"/", Folder, Access}], max_descriptors => 8}) end)
    after
        file:del_dir_r(Folder)
    end.

check_all(Give) ->
    [
        begin
            Wasi = Give(rw),
            Check(),
            wasm2beam_wasi:close(Wasi)
        end
     || Check <- [
            fun reading/0,
            fun writing/0,
            fun seeking/0,
            fun rights/0,
            fun status/0,
            fun sizes/0,
            fun large/0,
            fun times/0,
            fun numbers/0,
            fun folders/0
        ]
    ],
    Give(ro),
    read_only().

reading() ->
    4 = open("f"),
    ?assertEqual([<<"he">>, <<"llo">>, <<>>, <<>>], [read(4, 2), read(4, 9), read(4, 9), read(4, 0)]),
    poke(?VECTORS, <<?DATA:32/little, 1:32/little, 0:64, (?DATA + 8):32/little, 9:32/little>>),
    ?assertEqual(?SUCCESS, call(fd_pread, [4, ?VECTORS, 3, 1, ?RESULT])),
    ?assertEqual({4, <<"e">>, <<"llo">>}, {u32(), peek(?DATA, 1), peek(?DATA + 8, 3)}),
    ?assertEqual(?SUCCESS, call(fd_pread, [4, ?VECTORS, 3, 1000000, ?RESULT])),
    ?assertEqual(0, u32()),
    ?assertEqual(?INVAL, call(fd_pread, [4, ?VECTORS, 3, -1, ?RESULT])),
    ?assertEqual(?FAULT, call(fd_pread, [4, ?VECTORS, 3, 0, 65533])),
    ?assertEqual([?ISDIR, ?ISDIR], [read(3, 1), write(3, "x")]),
    ?assertEqual(?BADF, call(fd_pread, [9, ?VECTORS, 1, 0, ?RESULT])).

writing() ->
    4 = open("w", ?CREATE bor ?EXCLUSIVE),
    ?assertEqual([?SUCCESS, ?SUCCESS, ?SUCCESS], [write(4, "abc"), write(4, ""), write(4, "def")]),
    poke(?DATA, "XY"),
    poke(?VECTORS, <<?DATA:32/little, 1:32/little, (?DATA + 1):32/little, 1:32/little>>),
    ?assertEqual(?SUCCESS, call(fd_pwrite, [4, ?VECTORS, 2, 1, ?RESULT])),
    ?assertEqual(2, u32()),
    ?assertEqual(?SUCCESS, call(fd_pwrite, [4, ?VECTORS, 1, 8, ?RESULT])),
    ?assertEqual(?FBIG, call(fd_pwrite, [4, ?VECTORS, 1, -2, ?RESULT])),
    ?assertEqual(?FAULT, call(fd_pwrite, [4, ?VECTORS, 1, 0, 65533])),
    ?assertEqual(?BADF, call(fd_pwrite, [7, ?VECTORS, 1, 0, ?RESULT])),
    5 = open("w"),
    ?assertEqual(<<"aXYdef", 0, 0, "X">>, read(5, 100)),
    6 = open(3, 0, "w", 0, ?ALL, 1),
    ?assertEqual(?SUCCESS, write(6, "end")),
    ?assertEqual(<<"end">>, read(5, 100)),
    ?assertEqual(?SUCCESS, write(4, "Z")),
    ?assertEqual(<<"aXYdefZ", 0, "Xend">>, all(5)),
    ?assertEqual([?SUCCESS, ?SUCCESS], [call(fd_sync, [4]), call(fd_datasync, [4])]),
    ?assertEqual([?BADF, ?BADF], [call(fd_sync, [7]), call(fd_datasync, [7])]),
    7 = open("w", ?TRUNCATE),
    ?assertEqual(<<>>, all(5)),
    ?assertEqual({error, ?MFILE}, open("w")),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path("w")])),
    %% A file without a name lives on while it is open.
    ?assertEqual([?SUCCESS, <<"last">>], [write(7, "last"), all(7)]).

all(Fd) ->
    poke(?VECTORS, <<?DATA:32/little, 1000:32/little>>),
    ?SUCCESS = call(fd_pread, [Fd, ?VECTORS, 1, 0, ?RESULT]),
    peek(?DATA, u32()).

seeking() ->
    4 = open("f"),
    Seek = fun(Delta, Whence) -> {call(fd_seek, [4, Delta, Whence, ?RESULT]), u64()} end,
    ?assertEqual({?SUCCESS, 3}, Seek(3, 0)),
    ?assertEqual({?SUCCESS, 2}, Seek(-1, 1)),
    ?assertEqual(<<"llo">>, read(4, 9)),
    ?assertEqual({?SUCCESS, 4}, Seek(-1, 2)),
    ?assertEqual({?SUCCESS, 16#7FFFFFFFFFFFFFFF}, Seek(16#7FFFFFFFFFFFFFFF, 0)),
    ?assertMatch({?OVERFLOW, _}, Seek(1, 1)),
    ?assertEqual({?SUCCESS, 16#7FFFFFFFFFFFFFFF}, Seek(0, 1)),
    ?assertEqual(?SUCCESS, call(fd_tell, [4, ?RESULT])),
    ?assertEqual(16#7FFFFFFFFFFFFFFF, u64()),
    ?assertEqual(?FBIG, write(4, "x")),
    ?assertMatch({?INVAL, _}, Seek(-1, 0)),
    ?assertMatch({?INVAL, _}, Seek(-6, 2)),
    ?assertMatch({?INVAL, _}, Seek(0, 3)),
    ?assertEqual(?FAULT, call(fd_seek, [4, 0, 0, 65529])),
    ?assertEqual(?FAULT, call(fd_tell, [4, 65529])),
    ?assertEqual([?BADF, ?BADF], [call(fd_seek, [9, 0, 0, ?RESULT]), call(fd_tell, [9, ?RESULT])]),
    ?assertEqual([?ISDIR, ?ISDIR], [call(fd_seek, [3, 0, 0, ?RESULT]), call(fd_tell, [3, ?RESULT])]).

rights() ->
    Read = 2,
    4 = open("f", 0, Read),
    ?assertEqual(<<"hello">>, read(4, 9)),
    ?assertEqual(?NOTCAPABLE, write(4, "x")),
    ?assertEqual(?NOTCAPABLE, call(fd_pread, [4, ?VECTORS, 1, 0, ?RESULT])),
    ?assertEqual(?NOTCAPABLE, call(fd_pwrite, [4, ?VECTORS, 1, 0, ?RESULT])),
    ?assertEqual(?NOTCAPABLE, call(fd_seek, [4, 1, 0, ?RESULT])),
    ?assertEqual(?NOTCAPABLE, call(fd_tell, [4, ?RESULT])),
    ?assertEqual(?NOTCAPABLE, call(fd_sync, [4])),
    ?assertEqual(?NOTCAPABLE, call(fd_datasync, [4])),
    ?assertEqual(?NOTCAPABLE, call(fd_advise, [4, 0, 0, 0])),
    ?assertEqual(?NOTCAPABLE, call(fd_allocate, [4, 0, 1])),
    ?assertEqual(?NOTCAPABLE, call(fd_fdstat_set_flags, [4, 1])),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_get, [4, ?DATA])),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_set_size, [4, 1])),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_set_times, [4, 0, 0, 0])),
    ?assertEqual(?NOTCAPABLE, call(fd_fdstat_set_rights, [4, 3, 0])),
    ?assertEqual(?SUCCESS, call(fd_fdstat_set_rights, [4, 0, 0])),
    ?assertEqual(?NOTCAPABLE, read(4, 1)),
    ?assertEqual(?BADF, call(fd_fdstat_set_rights, [9, 0, 0])),
    %% A folder hands down what it may.
    5 = directory("d"),
    ?assertEqual(?SUCCESS, call(fd_fdstat_set_rights, [5, 16#2000, Read])),
    ?assertEqual({error, ?NOTCAPABLE}, open(5, 0, "e", 0, 16#42, 0)),
    ?assertEqual({error, ?NOTCAPABLE}, open(5, 0, "n", ?CREATE, Read, 0)),
    ?assertEqual({error, ?NOTCAPABLE}, open(5, 0, "e", ?TRUNCATE, Read, 0)),
    ?assertEqual(6, open(5, 0, "e", 0, Read, 0)),
    ?assertEqual(?NOTCAPABLE, call(fd_readdir, [5, ?DATA, 100, 0, ?RESULT])),
    [
        ?assertEqual({Name, ?NOTCAPABLE}, {Name, call(Name, Args)})
     || {Name, Args} <- [
            {path_create_directory, [5 | path("n")]},
            {path_filestat_get, [5, 0] ++ path("e") ++ [?DATA]},
            {path_filestat_set_times, [5, 0] ++ path("e") ++ [0, 0, 0]},
            {path_link, [5, 0] ++ path("e") ++ [3] ++ path("n")},
            {path_link, [3, 0] ++ path("e") ++ [5] ++ path("n")},
            {path_readlink, [5] ++ path("e") ++ [?DATA, 10, ?RESULT]},
            {path_remove_directory, [5 | path("e")]},
            {path_rename, [5] ++ path("e") ++ [3] ++ path("n")},
            {path_rename, [3] ++ path("e") ++ [5] ++ path("n")},
            {path_symlink, path("e") ++ [5] ++ path("n")},
            {path_unlink_file, [5 | path("e")]}
        ]
    ],
    ?assertEqual(?SUCCESS, call(fd_fdstat_set_rights, [5, 0, 0])),
    ?assertEqual({error, ?NOTCAPABLE}, open(5, 0, "e", 0, 0, 0)).

status() ->
    4 = open(3, 0, "f", 0, ?ALL, 1),
    ?assertEqual(?SUCCESS, call(fd_fdstat_get, [4, ?DATA])),
    ?assertMatch(<<4, 0, 1:16/little, 0:32, 16#8E001FF:64/little, ?ALL:64/little>>, peek(?DATA, 24)),
    ?assertEqual(?SUCCESS, call(fd_fdstat_set_flags, [4, 0])),
    ?assertEqual(?INVAL, call(fd_fdstat_set_flags, [4, 32])),
    ?assertEqual(?SUCCESS, call(fd_fdstat_get, [4, ?DATA])),
    ?assertMatch(<<4, 0, 0:16, _/binary>>, peek(?DATA, 24)),
    ?assertEqual(?FAULT, call(fd_fdstat_get, [4, 65520])),
    ?assertEqual([?BADF, ?BADF], [call(fd_fdstat_get, [9, ?DATA]), call(fd_fdstat_set_flags, [9, 0])]),
    ?assertEqual(?SUCCESS, call(fd_fdstat_get, [3, ?DATA])),
    ?assertMatch(<<3, 0, 0:16, _/binary>>, peek(?DATA, 24)),
    ?assertEqual(?SUCCESS, call(fd_filestat_get, [4, ?DATA])),
    ?assertMatch(<<_:64, _:64, 4, 0:56, 1:64/little, 5:64/little, _:192>>, peek(?DATA, 64)),
    ?assertEqual(?SUCCESS, call(fd_filestat_get, [3, ?DATA])),
    ?assertMatch(<<_:64, _:64, 3, 0:56, _/binary>>, peek(?DATA, 64)),
    ?assertEqual(?FAULT, call(fd_filestat_get, [4, 65473])),
    ?assertEqual(?BADF, call(fd_filestat_get, [9, ?DATA])),
    ?assertEqual(?SUCCESS, call(fd_advise, [4, 0, 0, 5])),
    ?assertEqual(?INVAL, call(fd_advise, [4, 0, 0, 6])),
    ?assertEqual(?INVAL, call(fd_advise, [4, -1, 1, 0])),
    ?assertEqual(?BADF, call(fd_advise, [9, 0, 0, 0])),
    ?assertEqual(?SUCCESS, call(fd_prestat_get, [3, ?RESULT])),
    ?assertEqual(<<0:32, 1:32/little>>, peek(?RESULT, 8)),
    ?assertEqual(?SUCCESS, call(fd_prestat_dir_name, [3, ?DATA, 1])),
    ?assertEqual(<<"/">>, peek(?DATA, 1)),
    ?assertEqual(?NAMETOOLONG, call(fd_prestat_dir_name, [3, ?DATA, 0])),
    ?assertEqual(?FAULT, call(fd_prestat_dir_name, [3, 65536, 1])),
    ?assertEqual(?FAULT, call(fd_prestat_get, [3, 65529])),
    ?assertEqual([?BADF, ?BADF], [call(fd_prestat_get, [4, ?RESULT]), call(fd_prestat_dir_name, [4, ?DATA, 9])]).

sizes() ->
    4 = open("s", ?CREATE),
    ?assertEqual(?SUCCESS, call(fd_allocate, [4, 2, 3])),
    ?assertEqual(<<0, 0, 0, 0, 0>>, all(4)),
    ?assertEqual(?SUCCESS, call(fd_allocate, [4, 0, 1])),
    ?assertEqual(?SUCCESS, write(4, "12345")),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_size, [4, 2])),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_size, [4, 4])),
    ?assertEqual(<<"12", 0, 0>>, all(4)),
    ?assertEqual(?INVAL, call(fd_allocate, [4, 0, 0])),
    ?assertEqual(?FBIG, call(fd_allocate, [4, -1, 1])),
    ?assertEqual(?FBIG, call(fd_filestat_set_size, [4, -1])),
    ?assertEqual([?BADF, ?BADF], [call(fd_allocate, [9, 0, 1]), call(fd_filestat_set_size, [9, 1])]),
    ?assertEqual(?ISDIR, call(fd_allocate, [3, 0, 1])),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_set_size, [3, 1])),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path("s")])).

%% Beyond what 32 bits count.
large() ->
    4 = open("large", ?CREATE),
    Far = 5 bsl 30,
    poke(?DATA, "far"),
    poke(?VECTORS, <<?DATA:32/little, 3:32/little>>),
    ?assertEqual(?SUCCESS, call(fd_pwrite, [4, ?VECTORS, 1, Far, ?RESULT])),
    ?assertEqual(?SUCCESS, call(fd_filestat_get, [4, ?DATA])),
    ?assertMatch(<<_:256, Size:64/little, _:192>> when Size =:= Far + 3, peek(?DATA, 64)),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, -2, 2, ?RESULT])),
    ?assertEqual({Far + 1, <<"ar">>}, {u64(), read(4, 9)}),
    ?assertEqual(?SUCCESS, call(fd_tell, [4, ?RESULT])),
    ?assertEqual(Far + 3, u64()),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, -Far, 1, ?RESULT])),
    ?assertEqual(3, u64()),
    ?assertEqual(?SUCCESS, call(fd_allocate, [4, 2 * Far, 5])),
    ?assertEqual(?SUCCESS, call(fd_pread, [4, ?VECTORS, 1, 2 * Far + 4, ?RESULT])),
    ?assertEqual({1, <<0>>}, {u32(), peek(?DATA, 1)}),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_size, [4, Far + 2])),
    ?assertEqual(?SUCCESS, call(fd_pread, [4, ?VECTORS, 1, Far, ?RESULT])),
    ?assertEqual({2, <<"fa">>}, {u32(), peek(?DATA, 2)}),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path("large")])).

times() ->
    4 = open("f"),
    Second = 1_000_000_000,
    ?assertEqual(?SUCCESS, call(fd_filestat_set_times, [4, 7 * Second, 8 * Second, 5])),
    ?assertEqual({7 * Second, 8 * Second}, times(4)),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_times, [4, 0, 9 * Second, 4])),
    ?assertEqual({7 * Second, 9 * Second}, times(4)),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_times, [4, 0, 0, 2])),
    {Now, Kept} = times(4),
    ?assert(Now > 1_600_000_000 * Second),
    ?assertEqual(9 * Second, Kept),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_times, [3, 0, 0, 10])),
    [?assertEqual(?INVAL, call(fd_filestat_set_times, [4, 0, 0, Flags])) || Flags <- [3, 12, 16]],
    ?assertEqual(?BADF, call(fd_filestat_set_times, [9, 0, 0, 0])).

times(Fd) ->
    ?SUCCESS = call(fd_filestat_get, [Fd, ?DATA]),
    <<_:320, Accessed:64/little, Modified:64/little, _:64>> = peek(?DATA, 64),
    {Accessed, Modified}.

numbers() ->
    [4, 5] = [open("f"), open("d/e")],
    ?assertEqual(?SUCCESS, call(fd_close, [4])),
    ?assertEqual(4, open("f")),
    ?assertEqual(?SUCCESS, call(fd_renumber, [4, 5])),
    ?assertEqual([?BADF, <<"hello">>], [read(4, 1), read(5, 9)]),
    ?assertEqual(?SUCCESS, call(fd_renumber, [5, 5])),
    ?assertEqual([?BADF, ?BADF], [call(fd_renumber, [9, 5]), call(fd_renumber, [5, 9])]),
    ?assertEqual(?SUCCESS, call(fd_renumber, [5, 0])),
    ?assertEqual(?SUCCESS, call(fd_seek, [0, 0, 0, ?RESULT])),
    ?assertEqual(<<"hello">>, read(0, 9)),
    ?assertEqual(?SUCCESS, call(fd_close, [3])),
    ?assertEqual({error, ?BADF}, open("f")).

%% Entries come one by one, in an order that holds, whatever becomes of the folder meanwhile.
folders() ->
    4 = directory("d"),
    [5, 5] = [begin F = open(Name, ?CREATE), call(fd_close, [F]), F end || Name <- ["d/x", "d/\303\251"]],
    ?assertEqual(?SUCCESS, call(fd_readdir, [4, ?DATA, 1000, 0, ?RESULT])),
    Whole = peek(?DATA, u32()),
    Entries = entries(Whole),
    ?assertEqual(
        [{1, 3, <<".">>}, {2, 3, <<"..">>}, {3, 4, <<"e">>}, {4, 4, <<"x">>}, {5, 4, <<16#C3, 16#A9>>}],
        [{Next, Type, Name} || {Next, _, Type, Name} <- Entries]
    ),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [4 | path("x")])),
    ?assertEqual(?SUCCESS, call(fd_readdir, [4, ?DATA, 1000, 2, ?RESULT])),
    ?assertEqual(lists:nthtail(2, Entries), entries(peek(?DATA, u32()))),
    ?assertEqual(?SUCCESS, call(fd_readdir, [4, ?DATA, 30, 0, ?RESULT])),
    ?assertEqual({30, binary_part(Whole, 0, 25)}, {u32(), peek(?DATA, 25)}),
    [
        begin
            ?assertEqual(?SUCCESS, call(fd_readdir, [4, ?DATA, Length, Cookie, ?RESULT])),
            ?assertEqual(0, u32())
        end
     || {Length, Cookie} <- [{0, 0}, {100, 4}, {100, -1}]
    ],
    ?assertEqual(?FAULT, call(fd_readdir, [4, 65530, 7, 0, ?RESULT])),
    ?assertEqual(?FAULT, call(fd_readdir, [4, ?DATA, 7, 0, 65533])),
    ?assertEqual(?BADF, call(fd_readdir, [9, ?DATA, 7, 0, ?RESULT])),
    5 = open("f"),
    ?assertEqual(?NOTDIR, call(fd_readdir, [5, ?DATA, 7, 0, ?RESULT])),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [4 | path("\303\251")])).

entries(<<>>) ->
    [];
entries(<<Next:64/little, Inode:64/little, Length:32/little, Type, 0:24, Name:Length/binary, Rest/binary>>) ->
    [{Next, Inode, Type, Name} | entries(Rest)].

read_only() ->
    4 = open("f", 0, ?ALL band (bnot 16#40)),
    ?assertEqual(<<"hello">>, read(4, 9)),
    ?assertEqual(?NOTCAPABLE, write(4, "x")),
    ?assertEqual(?NOTCAPABLE, call(fd_filestat_set_size, [4, 0])),
    ?assertEqual(?ROFS, call(fd_filestat_set_times, [4, 0, 0, 1])),
    ?assertEqual(?ROFS, call(fd_filestat_set_times, [3, 0, 0, 1])),
    ?assertEqual({error, ?ROFS}, open("f")),
    ?assertEqual({error, ?ROFS}, open("f", ?TRUNCATE, 2)),
    ?assertEqual({error, ?ROFS}, open("n", ?CREATE, 2)),
    ?assertEqual(5, open("f", ?CREATE, 2)),
    [
        ?assertEqual({Name, ?ROFS}, {Name, call(Name, Args)})
     || {Name, Args} <- [
            {path_create_directory, [3 | path("n")]},
            {path_filestat_set_times, [3, 0] ++ path("f") ++ [0, 0, 1]},
            {path_link, [3, 0] ++ path("f") ++ [3] ++ path("n")},
            {path_remove_directory, [3 | path("d")]},
            {path_rename, [3] ++ path("f") ++ [3] ++ path("n")},
            {path_symlink, path("f") ++ [3] ++ path("n")},
            {path_unlink_file, [3 | path("f")]}
        ]
    ].

%% Whatever a file system answers, the guest gets the code of that name; what the specification has no name for is `io'.
check_file_system_errors() ->
    Codes = [
        {e2big, 1}, {eacces, 2}, {eagain, 6}, {ebadf, 8}, {ebusy, 10}, {edquot, 19}, {eexist, 20}, {efbig, 22},
        {eilseq, 25}, {eintr, 27}, {einval, 28}, {badarg, 28}, {eio, 29}, {eisdir, 31}, {eloop, 32}, {emfile, 33},
        {emlink, 34}, {enametoolong, 37}, {enfile, 41}, {enodev, 43}, {enoent, 44}, {enolck, 46}, {enomem, 48},
        {enospc, 51}, {enosys, 52}, {enotdir, 54}, {enotempty, 55}, {enotsup, 58}, {eopnotsupp, 58}, {enotty, 59},
        {enxio, 60}, {eoverflow, 61}, {eperm, 63}, {epipe, 64}, {erofs, 69}, {espipe, 70}, {estale, 72},
        {etimedout, 73}, {etxtbsy, 74}, {exdev, 75}, {enotcapable, 76}, {eftype, 29}, {nothing_known, 29}, {{odd}, 29}
    ],
    Calls = [
        {stat, path_filestat_get, fun() -> [3, 0] ++ path("f") ++ [?DATA] end},
        {read_link, path_readlink, fun() -> [3] ++ path("l") ++ [?DATA, 9, ?RESULT] end},
        {list, fd_readdir, fun() -> [3, ?DATA, 100, 0, ?RESULT] end},
        {open, path_open, fun() -> [3, 0] ++ path("f") ++ [0, 2, 0, 0, ?RESULT] end},
        {close, fd_close, fun() -> [4] end},
        {pread, fd_read, fun() -> [4, ?VECTORS, 1, ?RESULT] end},
        {pread, fd_pread, fun() -> [4, ?VECTORS, 1, 0, ?RESULT] end},
        {pwrite, fd_write, fun() -> [4, ?VECTORS, 1, ?RESULT] end},
        {pwrite, fd_pwrite, fun() -> [4, ?VECTORS, 1, 0, ?RESULT] end},
        {file_stat, fd_filestat_get, fun() -> [4, ?DATA] end},
        {file_stat, fd_seek, fun() -> [4, 0, 2, ?RESULT] end},
        {file_stat, fd_allocate, fun() -> [4, 0, 1] end},
        {truncate, fd_allocate, fun() -> [4, 0, 1] end},
        {truncate, fd_filestat_set_size, fun() -> [4, 1] end},
        {sync, fd_sync, fun() -> [4] end},
        {sync, fd_datasync, fun() -> [4] end},
        {set_file_times, fd_filestat_set_times, fun() -> [4, 0, 0, 5] end},
        {set_times, fd_filestat_set_times, fun() -> [3, 0, 0, 5] end},
        {set_times, path_filestat_set_times, fun() -> [3, 0] ++ path("f") ++ [0, 0, 5] end},
        {make_dir, path_create_directory, fun() -> [3 | path("n")] end},
        {remove_dir, path_remove_directory, fun() -> [3 | path("d")] end},
        {unlink, path_unlink_file, fun() -> [3 | path("f")] end},
        {rename, path_rename, fun() -> [3] ++ path("f") ++ [3] ++ path("n") end},
        {link, path_link, fun() -> [3, 0] ++ path("f") ++ [3] ++ path("n") end},
        {symlink, path_symlink, fun() -> path("f") ++ [3] ++ path("n") end}
    ],
    [check_file_system_error(Call, Reason, Code) || Call <- Calls, {Reason, Code} <- Codes].

check_file_system_error({Fails, Name, Args}, Reason, Code) ->
    Wasi = give(#{folders => [{"/", {wasm2beam_failing_fs, {Fails, Reason}}}]}),
    poke(?VECTORS, <<?DATA:32/little, 1:32/little>>),
    lists:member(Fails, [open, stat]) orelse (4 = open("f")),
    ?assertEqual({Name, Reason, Code}, {Name, Reason, call(Name, Args())}),
    wasm2beam_wasi:close(Wasi).

%% Descriptors do not keep without end what folders had in them.
check_many_entries() ->
    give(#{folders => [{"/", {wasm2beam_failing_fs, {entries, 40_000}}}]}),
    [4, 5] = [directory("d"), directory("d")],
    Read = fun(Fd, Cookie) ->
        ?assertEqual(?SUCCESS, call(fd_readdir, [Fd, ?DATA, 24, Cookie, ?RESULT])),
        <<Next:64/little, _/binary>> = peek(?DATA, u32()),
        ?assertEqual(Cookie + 1, Next),
        receive
            listed -> listed
        after 0 -> kept
        end
    end,
    ?assertEqual([listed, kept, listed, kept, kept], [Read(F, C) || {F, C} <- [{3, 0}, {3, 9}, {4, 0}, {4, 9}, {3, 9}]]),
    %% The third takes the place of the two others.
    ?assertEqual([listed, kept, listed], [Read(F, C) || {F, C} <- [{5, 0}, {5, 9}, {3, 9}]]),
    ?assertEqual([kept, kept, listed], [Read(F, C) || {F, C} <- [{5, 9}, {3, 10}, {5, 0}]]).

%% Flags that ask for it have every write reach the disk.
check_synchronous_writes() ->
    [
        begin
            Wasi = give(#{folders => [{"/", {wasm2beam_failing_fs, {sync, eio}}}]}),
            4 = open(3, 0, "f", 0, ?ALL, Flags),
            ?assertEqual({Flags, Expected}, {Flags, write(4, "x")}),
            poke(?VECTORS, <<?DATA:32/little, 1:32/little>>),
            ?assertEqual({Flags, Expected}, {Flags, call(fd_pwrite, [4, ?VECTORS, 1, 0, ?RESULT])}),
            wasm2beam_wasi:close(Wasi)
        end
     || {Flags, Expected} <- [{0, ?SUCCESS}, {1, ?SUCCESS}, {2, ?IO}, {8, ?SUCCESS}, {16, ?IO}]
    ].

%% Sizes count, however little room zeros take.
check_limit() ->
    Fs = wasm2beam_wasi_fs_memory:new(#{}, #{limit => 20000}),
    give(#{folders => [{"/", Fs}]}),
    4 = open("f", ?CREATE),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_size, [4, 19000])),
    ?assertEqual(?NOSPC, call(fd_filestat_set_size, [4, 20000])),
    ?assertEqual(?NOSPC, call(fd_allocate, [4, 16#7000000000000000, 1])),
    ?assertEqual({error, ?NOSPC}, open("another", ?CREATE)),
    ?assertEqual(?NOSPC, call(path_create_directory, [3 | path("folder")])),
    ?assertEqual(?SUCCESS, call(fd_filestat_set_size, [4, 0])),
    ?assertEqual(?SUCCESS, call(path_create_directory, [3 | path("folder")])),
    ?assertEqual(?SUCCESS, call(fd_seek, [4, 18500, 0, ?RESULT])),
    ?assertEqual(?SUCCESS, write(4, "end")),
    ?assertEqual(#{<<"f">> => <<0:(18500 * 8), "end">>}, wasm2beam_wasi_fs_memory:to_map(Fs)),
    ?assertEqual(ok, wasm2beam_wasi_fs_memory:delete(Fs)).
