%% WASI calls on paths, in memory and in a folder of the operating system; most of all paths that try to get out.
-module(wasm2beam_wasi_path_tests).

-include("wasi.hrl").

-define(CREATE, 1).
-define(DIRECTORY, 2).
-define(EXCLUSIVE, 4).
-define(TRUNCATE, 8).

check_in_memory() ->
    Outside = #{<<"secret">> => <<"secret">>, <<"in/f">> => <<"hello">>, <<"in/d/e">> => <<"deep">>},
    Fs = wasm2beam_wasi_fs_memory:new(Outside),
    check_all(fun() -> give_inside([{"/", Fs}]) end),
    ?assertMatch(#{<<"secret">> := <<"secret">>}, wasm2beam_wasi_fs_memory:to_map(Fs)).

check_in_a_folder() ->
    Outside = filename:join(["build", "test", "wasi-path-" ++ os:getpid()]),
    Inside = filename:join(Outside, "in"),
    ok = filelib:ensure_dir(filename:join([Inside, "d", "e"])),
    try
        ok = file:write_file(filename:join(Outside, "secret"), "secret"),
        ok = file:write_file(filename:join(Inside, "f"), "hello"),
        ok = file:write_file(filename:join([Inside, "d", "e"]), "deep"),
        ok = file:make_symlink(filename:absname(Outside), filename:join(Inside, "absolute")),
        ok = file:make_symlink("f", filename:join(Inside, "link-" ++ "x")),
        check_all(fun() -> give(#{folders => [{"/", Inside}]}) end),
        give(#{folders => [{"/", Inside}]}),
        ?assertEqual({error, ?NOTCAPABLE}, open("absolute/secret")),
        ?assertEqual({error, ?NOTCAPABLE}, open("absolute")),
        ?assertEqual(?SUCCESS, call(path_filestat_get, [3, 0] ++ path("absolute") ++ [?DATA])),
        ?assertEqual({ok, <<"secret">>}, file:read_file(filename:join(Outside, "secret"))),
        ?assertEqual({ok, 2}, length_of(file:list_dir(Outside)))
    after
        file:del_dir_r(Outside)
    end.

length_of({ok, List}) -> {ok, length(List)}.

%% Another process exchanges a folder for a link outwards, after the way was found and before it is used.
check_diverted_way() ->
    in_two_folders(fun(Outside, Inside) ->
        {ok, Root} = wasm2beam_wasi_way:root(filename:absname(Inside)),
        Exchange = fun() ->
            ok = file:rename(filename:join(Inside, "d"), filename:join(Inside, "old")),
            ok = file:make_symlink("..", filename:join(Inside, "d"))
        end,
        Restore = fun() ->
            ok = file:delete(filename:join(Inside, "d")),
            ok = file:rename(filename:join(Inside, "old"), filename:join(Inside, "d"))
        end,
        Made = wasm2beam_wasi_way:use(Root, [<<"d">>, <<"made">>], fun(Name, Kind) ->
            Exchange(),
            Written = file:write_file(Name, "made", [exclusive]),
            Restore(),
            {Kind, Written}
        end),
        %% Where the system does not name what is open, the way leads wherever the link does.
        case Made of
            {named, ok} -> ?assertEqual({ok, <<"made">>}, file:read_file(filename:join([Inside, "d", "made"])));
            {plain, ok} -> ok = file:delete(filename:join(Outside, "made"))
        end,
        ?assertEqual({error, enoent}, file:read_file_info(filename:join(Outside, "made"))),
        Exchange(),
        Through = wasm2beam_wasi_way:use(Root, [<<"d">>, <<"secret">>], fun(Name, _) -> file:read_file(Name) end),
        ?assert(Through =:= {error, eacces} orelse element(1, Made) =:= plain),
        Restore()
    end).

%% The same, over and over while a guest makes, opens, lists, renames and removes.
check_exchanges_meanwhile() ->
    in_two_folders(fun(Outside, Inside) ->
        Names = fun(Path) -> filename:join([Inside | Path]) end,
        ok = file:make_dir(Names(["other"])),
        ok = file:make_symlink("..", Names(["link"])),
        Parent = self(),
        Exchanger = spawn_link(fun() -> exchange_until_told(Names, Parent) end),
        Calls = [
            fun() -> open("d/made", ?CREATE) end,
            fun() -> open("d/secret", ?TRUNCATE) end,
            fun() -> open("d/in/f", ?TRUNCATE) end,
            fun() -> call(path_create_directory, [3 | path("d/folder")]) end,
            fun() -> call(path_remove_directory, [3 | path("d/empty")]) end,
            fun() -> call(path_unlink_file, [3 | path("d/secret")]) end,
            fun() -> call(path_rename, [3] ++ path("d/secret") ++ [3] ++ path("stolen")) end,
            fun() -> call(path_link, [3, 0] ++ path("d/secret") ++ [3] ++ path("stolen")) end,
            fun() -> call(path_symlink, path("x") ++ [3] ++ path("d/made")) end,
            fun() -> call(path_filestat_set_times, [3, 0] ++ path("d/secret") ++ [5, 5, 5]) end
        ],
        {ok, Before} = file:read_file_info(filename:join(Outside, "secret")),
        [
            begin
                Wasi = give(#{folders => [{"/", Inside}]}),
                [Call() || Call <- Calls],
                wasm2beam_wasi:close(Wasi)
            end
         || _ <- lists:seq(1, 500)
        ],
        Exchanger ! {stop, self()},
        receive
            stopped -> ok
        end,
        case filelib:is_file("/proc/self/fd") of
            true ->
                ?assertEqual(["empty", "in", "secret"], lists:sort(element(2, file:list_dir(Outside)))),
                ?assertEqual({ok, Before}, file:read_file_info(filename:join(Outside, "secret"))),
                ?assertEqual({error, enoent}, file:read_link_info(Names(["stolen"])));
            false ->
                ok
        end
    end).

%% `d' is a folder, then for a moment a link to the folder above, by turns.
exchange_until_told(Names, Parent) ->
    receive
        {stop, Parent} -> Parent ! stopped
    after 0 ->
        ok = prim_file:rename(Names(["d"]), Names(["other", "d"])),
        ok = prim_file:rename(Names(["link"]), Names(["d"])),
        ok = prim_file:rename(Names(["d"]), Names(["link"])),
        ok = prim_file:rename(Names(["other", "d"]), Names(["d"])),
        exchange_until_told(Names, Parent)
    end.

%% A folder with a secret, and one in it that a guest is given.
in_two_folders(Use) ->
    Outside = filename:join(["build", "test", "wasi-way-" ++ os:getpid()]),
    Inside = filename:join(Outside, "in"),
    ok = filelib:ensure_dir(filename:join([Inside, "d", "e"])),
    try
        ok = file:make_dir(filename:join(Outside, "empty")),
        ok = file:write_file(filename:join(Outside, "secret"), "secret"),
        Use(Outside, Inside)
    after
        file:del_dir_r(Outside)
    end.

%% What is not a file can be neither opened nor waited for.
check_devices() ->
    case filelib:is_file("/dev/null") of
        true ->
            give(#{folders => [{"dev", "/dev", ro}]}),
            ?assertEqual({error, ?NOTSUP}, open("null", 0, 2)),
            ?assertEqual(?SUCCESS, call(path_filestat_get, [3, 0] ++ path("null") ++ [?DATA]));
        false ->
            ok
    end.

%% Descriptor 3 becomes the folder `in', so that there is something beside it.
give_inside(Folders) ->
    Wasi = give(#{folders => Folders}),
    4 = directory("in"),
    ?SUCCESS = call(fd_renumber, [4, 3]),
    Wasi.

check_all(Give) ->
    [
        begin
            Wasi = Give(),
            Check(),
            wasm2beam_wasi:close(Wasi)
        end
     || Check <- [
            fun opening/0,
            fun asking/0,
            fun folders/0,
            fun removing/0,
            fun renaming/0,
            fun linking/0,
            fun links/0,
            fun escapes/0,
            fun exchange/0,
            fun texts/0
        ]
    ].

opening() ->
    ?assertEqual(4, open("f", ?CREATE)),
    ?assertEqual(5, open("./d/.//../d/e")),
    ?assertEqual(<<"deep">>, read(5, 9)),
    ?assertEqual(6, directory("d/")),
    ?assertEqual(7, open(6, 0, "e", 0, 2, 0)),
    ?assertEqual(8, directory(".")),
    ?assertEqual(9, open(8, 0, "d/e", 0, 2, 0)),
    ?assertEqual({error, ?NOENT}, open("missing")),
    ?assertEqual({error, ?NOENT}, open("missing/f", ?CREATE)),
    ?assertEqual({error, ?NOENT}, open("missing", ?DIRECTORY)),
    ?assertEqual({error, ?ISDIR}, open("missing/", ?CREATE)),
    ?assertEqual({error, ?NOENT}, open("missing/")),
    ?assertEqual({error, ?NOENT}, open("")),
    ?assertEqual({error, ?NOTDIR}, open("f/g")),
    ?assertEqual({error, ?NOTDIR}, open("f/")),
    ?assertEqual({error, ?NOTDIR}, open("f/.")),
    ?assertEqual({error, ?NOTDIR}, open("f", ?DIRECTORY)),
    ?assertEqual({error, ?NOTDIR}, open(4, 0, "f", 0, 2, 0)),
    ?assertEqual({error, ?BADF}, open(99, 0, "f", 0, 2, 0)),
    ?assertEqual({error, ?EXIST}, open("f", ?CREATE bor ?EXCLUSIVE)),
    ?assertEqual({error, ?EXIST}, open("d", ?CREATE bor ?EXCLUSIVE)),
    ?assertEqual({error, ?ISDIR}, open("d", ?CREATE)),
    ?assertEqual({error, ?ISDIR}, open("d", ?TRUNCATE, 2)),
    ?assertEqual({error, ?ISDIR}, open("d")),
    ?assertEqual({error, ?INVAL}, open("d", ?CREATE bor ?DIRECTORY)),
    ?assertEqual({error, ?INVAL}, open("f", 16)),
    ?assertEqual({error, ?INVAL}, open(3, 0, "f", 0, 2, 32)),
    ?assertEqual({error, ?INVAL}, open(3, 2, "f", 0, 2, 0)),
    ?assertEqual(?FAULT, call(path_open, [3, 0, 65536, 1, 0, 2, 0, 0, ?RESULT])),
    ?assertEqual(?FAULT, call(path_open, [3, 0] ++ path("f") ++ [0, 2, 0, 0, 65533])).

asking() ->
    Stat = fun(Flags, Path) -> call(path_filestat_get, [3, Flags] ++ path(Path) ++ [?DATA]) end,
    ?assertEqual(?SUCCESS, Stat(0, "f")),
    ?assertMatch(<<_:128, 4, 0:56, 1:64/little, 5:64/little, _:192>>, peek(?DATA, 64)),
    ?assertEqual(?SUCCESS, Stat(0, "d/..")),
    ?assertMatch(<<_:128, 3, _/binary>>, peek(?DATA, 64)),
    ?assertEqual([?NOENT, ?NOTDIR, ?NOTDIR, ?INVAL], [Stat(0, "x"), Stat(0, "f/"), Stat(0, "f/x"), Stat(3, "f")]),
    ?assertEqual(?FAULT, call(path_filestat_get, [3, 0] ++ path("f") ++ [65473])),
    ?assertEqual(?BADF, call(path_filestat_get, [9, 0] ++ path("f") ++ [?DATA])),
    ?assertEqual(?NOTDIR, call(path_filestat_get, [0, 0] ++ path("f") ++ [?DATA])),
    Set = fun(Path, Flags) ->
        call(path_filestat_set_times, [3, 1] ++ path(Path) ++ [3_000_000_000, 4_000_000_000, Flags])
    end,
    ?assertEqual(?SUCCESS, Set("f", 5)),
    ?SUCCESS = Stat(0, "f"),
    ?assertMatch(<<_:320, 3_000_000_000:64/little, 4_000_000_000:64/little, _:64>>, peek(?DATA, 64)),
    ?assertEqual([?INVAL, ?NOENT], [Set("f", 3), Set("x", 5)]),
    ?assertEqual(?BADF, call(path_filestat_set_times, [9, 1] ++ path("f") ++ [0, 0, 0])).

folders() ->
    Make = fun(Path) -> call(path_create_directory, [3 | path(Path)]) end,
    ?assertEqual([?SUCCESS, ?SUCCESS], [Make("new"), Make("new/below/")]),
    ?assertEqual([?EXIST, ?EXIST, ?EXIST], [Make("new"), Make("f"), Make(".")]),
    ?assertEqual([?NOENT, ?NOTDIR], [Make("x/y"), Make("f/y")]),
    ?assertEqual(?NAMETOOLONG, Make(lists:duplicate(256, $a))),
    ?assertEqual(?NAMETOOLONG, Make(lists:duplicate(4097, $a))),
    ?assertEqual([?BADF, ?NOTDIR], [call(path_create_directory, [Fd | path("y")]) || Fd <- [9, 1]]),
    Remove = fun(Path) -> call(path_remove_directory, [3 | path(Path)]) end,
    ?assertEqual([?NOTEMPTY, ?SUCCESS, ?SUCCESS], [Remove("new"), Remove("new/below"), Remove("new/")]),
    ?assertEqual([?NOENT, ?NOTDIR, ?NOTDIR], [Remove("new"), Remove("f"), Remove("f/")]),
    ?assertEqual([?INVAL, ?INVAL], [Remove("."), Remove("d/..")]),
    ?assertEqual([?BADF, ?NOTDIR], [call(path_remove_directory, [Fd | path("d")]) || Fd <- [9, 1]]).

removing() ->
    Unlink = fun(Path) -> call(path_unlink_file, [3 | path(Path)]) end,
    4 = open("gone", ?CREATE),
    ?assertEqual(?NOTDIR, Unlink("gone/")),
    ?assertEqual([?SUCCESS, ?NOENT], [Unlink("gone"), Unlink("gone")]),
    ?assertEqual([?ISDIR, ?ISDIR, ?ISDIR], [Unlink("d"), Unlink("d/"), Unlink(".")]),
    ?assertEqual([?BADF, ?NOTDIR], [call(path_unlink_file, [Fd | path("f")]) || Fd <- [9, 4]]),
    %% A folder that is gone holds nothing.
    ?SUCCESS = call(path_create_directory, [3 | path("gone")]),
    5 = directory("gone"),
    ?SUCCESS = call(path_remove_directory, [3 | path("gone")]),
    ?assertEqual({error, ?NOENT}, open(5, 0, "x", ?CREATE, ?ALL, 0)),
    ?assertEqual(?NOENT, call(fd_readdir, [5, ?DATA, 100, 0, ?RESULT])),
    ?assertEqual(?NOENT, call(fd_filestat_get, [5, ?DATA])).

renaming() ->
    Rename = fun(From, To) -> call(path_rename, [3] ++ path(From) ++ [3] ++ path(To)) end,
    [4, 5] = [open("a", ?CREATE), open("b", ?CREATE)],
    ?SUCCESS = write(4, "from a"),
    [?SUCCESS, ?SUCCESS] = [call(path_create_directory, [3 | path(Path)]) || Path <- ["m", "n"]],
    ?assertEqual([?SUCCESS, ?NOENT], [Rename("a", "b"), Rename("a", "b")]),
    6 = open("b"),
    ?assertEqual(<<"from a">>, read(6, 9)),
    ?assertEqual(?SUCCESS, Rename("b", "b")),
    ?assertEqual([?ISDIR, ?NOTDIR, ?NOTDIR], [Rename("b", "m"), Rename("m", "b"), Rename("b", "c/")]),
    ?assertEqual([?NOTEMPTY, ?INVAL, ?NOENT], [Rename("m", "d"), Rename("m", "m/x"), Rename("m", "x/y")]),
    ?assertEqual([?BUSY, ?BUSY], [Rename(".", "x"), Rename("m", ".")]),
    ?assertEqual([?SUCCESS, ?SUCCESS], [Rename("m", "n/"), Rename("n", "n2/")]),
    ?assertEqual([?SUCCESS, ?NOENT], [call(path_remove_directory, [3 | path(Path)]) || Path <- ["n2", "n"]]),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path("b")])),
    ?assertEqual(?BADF, call(path_rename, [9] ++ path("f") ++ [3] ++ path("g"))),
    ?assertEqual(?NOTDIR, call(path_rename, [3] ++ path("f") ++ [1] ++ path("g"))).

linking() ->
    Link = fun(From, To) -> call(path_link, [3, 0] ++ path(From) ++ [3] ++ path(To)) end,
    ?assertEqual(?SUCCESS, Link("f", "d/g")),
    ?SUCCESS = call(path_filestat_get, [3, 0] ++ path("d/g") ++ [?DATA]),
    ?assertMatch(<<_:192, 2:64/little, _/binary>>, peek(?DATA, 64)),
    ?assertEqual([?EXIST, ?PERM, ?NOENT], [Link("f", "d/g"), Link("d", "h"), Link("x", "h")]),
    ?assertEqual([?NOENT, ?NOENT], [Link("f", "x/h"), Link("f", "h/")]),
    ?assertEqual(?INVAL, call(path_link, [3, 1] ++ path("f") ++ [3] ++ path("h"))),
    %% A symbolic link gets the name, not what it leads to.
    ?assertEqual([?SUCCESS, ?SUCCESS], [symlink("none", "one"), Link("one", "two")]),
    ?SUCCESS = call(path_filestat_get, [3, 0] ++ path("two") ++ [?DATA]),
    ?assertMatch(<<_:128, 7, _:56, 2:64/little, 4:64/little, _/binary>>, peek(?DATA, 64)),
    [remove(Path) || Path <- ["one", "two"]],
    ?assertEqual(?BADF, call(path_link, [9, 0] ++ path("f") ++ [3] ++ path("h"))),
    ?assertEqual(?NOTDIR, call(path_link, [3, 0] ++ path("f") ++ [0] ++ path("h"))),
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path("d/g")])).

symlink(Target, Path) ->
    call(path_symlink, path(Target) ++ [3] ++ path(Path)).

remove(Path) ->
    ?assertEqual(?SUCCESS, call(path_unlink_file, [3 | path(Path)])).

links() ->
    ?assertEqual(?SUCCESS, symlink("d/e", "link")),
    ?assertEqual([?EXIST, ?NOENT, ?NOENT, ?NOENT], [symlink("x", Path) || Path <- ["link", "x/y", "", "x/"]]),
    ?assertEqual([?NOENT, ?NOTCAPABLE], [symlink("", "n"), symlink("/etc", "n")]),
    ?assertEqual([?BADF, ?NOTDIR], [call(path_symlink, path("x") ++ [Fd] ++ path("n")) || Fd <- [9, 0]]),
    Read = fun(Path, Length) -> call(path_readlink, [3] ++ path(Path) ++ [?DATA, Length, ?RESULT]) end,
    ?assertEqual({?SUCCESS, 3, <<"d/e">>}, {Read("link", 100), u32(), peek(?DATA, 3)}),
    ?assertEqual({?SUCCESS, 2}, {Read("link", 2), u32()}),
    ?assertEqual([?INVAL, ?INVAL, ?NOENT], [Read("f", 9), Read("d", 9), Read("x", 9)]),
    ?assertEqual(?FAULT, call(path_readlink, [3] ++ path("link") ++ [65530, 9, ?RESULT])),
    ?assertEqual(?FAULT, call(path_readlink, [3] ++ path("link") ++ [?DATA, 9, 65533])),
    ?assertEqual(?BADF, call(path_readlink, [9] ++ path("link") ++ [?DATA, 9, ?RESULT])),
    ?assertEqual(4, open("link")),
    ?assertEqual(<<"deep">>, read(4, 9)),
    ?assertEqual({error, ?LOOP}, open(3, 0, "link", 0, ?ALL, 0)),
    ?assertEqual({error, ?EXIST}, open("link", ?CREATE bor ?EXCLUSIVE)),
    ?assertEqual({error, ?NOTDIR}, open("link/")),
    ?SUCCESS = call(path_filestat_get, [3, 0] ++ path("link") ++ [?DATA]),
    ?assertMatch(<<_:128, 7, _/binary>>, peek(?DATA, 64)),
    ?SUCCESS = call(path_filestat_get, [3, 1] ++ path("link") ++ [?DATA]),
    ?assertMatch(<<_:128, 4, _/binary>>, peek(?DATA, 64)),
    remove("link"),
    %% A file that is created through a link to nothing.
    ?SUCCESS = symlink("d/made", "to"),
    5 = open("to", ?CREATE),
    [remove(Path) || Path <- ["d/made", "to"]],
    %% Round in a circle, and through itself.
    [?SUCCESS = symlink(Target, Path) || {Target, Path} <- [{"two", "one"}, {"one/", "two"}, {"self/x", "self"}]],
    ?assertEqual([{error, ?LOOP}, {error, ?LOOP}], [open("one"), open("self")]),
    [remove(Path) || Path <- ["one", "two", "self"]].

%% By `..', by absolute paths, and by links, to the last name and on the way.
escapes() ->
    Up = ["..", "../", "../secret", "d/../../secret", "d/../..", "./../in/f", "/", "/secret", "//", "/etc/passwd"],
    Links = [{"..", "up"}, {"../secret", "out"}, {"../../secret", "d/out"}],
    [?SUCCESS = symlink(Target, Path) || {Target, Path} <- Links],
    Ways = Up ++ ["up/secret", "up/../x", "out", "d/out", "up/in/f", "d/../up/secret"],
    [
        ?assertEqual({Path, {error, ?NOTCAPABLE}}, {Path, open(3, 1, Path, Flags, Rights, 0)})
     || Path <- Ways,
        {Flags, Rights} <- [{0, 2}, {?CREATE, ?ALL}, {?TRUNCATE, ?ALL}, {?DIRECTORY, 2}]
    ],
    [
        ?assertEqual({Path, ?NOTCAPABLE}, {Path, call(Name, Args)})
     || Path <- Up ++ ["up/secret", "up/../x", "up/in/f"],
        {Name, Args} <- [
            {path_filestat_get, [3, 1] ++ path(Path) ++ [?DATA]},
            {path_filestat_set_times, [3, 1] ++ path(Path) ++ [0, 0, 5]},
            {path_create_directory, [3 | path(Path)]},
            {path_remove_directory, [3 | path(Path)]},
            {path_unlink_file, [3 | path(Path)]},
            {path_readlink, [3] ++ path(Path) ++ [?DATA, 9, ?RESULT]}
        ],
        %% Without its slashes this one is no path any more.
        not (Name =:= path_create_directory andalso string:trim(Path, trailing, "/") =:= "")
    ],
    [
        begin
            ?assertEqual(?NOTCAPABLE, call(path_rename, [3] ++ path(Path) ++ [3] ++ path("x"))),
            ?assertEqual(?NOTCAPABLE, call(path_rename, [3] ++ path("f") ++ [3] ++ path(Path))),
            ?assertEqual(?NOTCAPABLE, call(path_link, [3, 0] ++ path(Path) ++ [3] ++ path("x"))),
            ?assertEqual(?NOTCAPABLE, call(path_link, [3, 0] ++ path("f") ++ [3] ++ path(Path))),
            ?assertEqual(?NOTCAPABLE, symlink("x", Path))
        end
     || Path <- Up
    ],
    %% The folder of a descriptor is the border, wherever it lies.
    4 = directory("d"),
    ?assertEqual({error, ?NOTCAPABLE}, open(4, 1, "../f", 0, 2, 0)),
    [remove(Path) || Path <- ["up", "out", "d/out"]].

%% A folder that becomes a link after it was opened.
exchange() ->
    ?SUCCESS = call(path_create_directory, [3 | path("x")]),
    ?SUCCESS = call(path_create_directory, [3 | path("x/in")]),
    4 = directory("x/in"),
    ?SUCCESS = call(path_rename, [3] ++ path("x") ++ [3] ++ path("y")),
    ?SUCCESS = symlink("..", "x"),
    ?assertEqual({error, ?NOENT}, open(4, 1, "f", 0, 2, 0)),
    ?assertEqual({error, ?NOENT}, open(4, 1, "made", ?CREATE, ?ALL, 0)),
    ?assertEqual(?NOENT, call(fd_readdir, [4, ?DATA, 100, 0, ?RESULT])),
    ?assertEqual(?NOENT, call(fd_filestat_set_times, [4, 0, 0, 5])),
    ?assertEqual(?NOENT, call(path_unlink_file, [4 | path("f")])),
    remove("x"),
    [?SUCCESS = call(path_remove_directory, [3 | path(Path)]) || Path <- ["y/in", "y"]].

texts() ->
    ?assertEqual({error, ?INVAL}, open(<<"f", 0>>)),
    ?assertEqual({error, ?INVAL}, open(<<0>>, ?CREATE)),
    [
        ?assertEqual({error, ?ILSEQ}, open(Path, ?CREATE))
     || Path <- [<<255>>, <<16#C0, 16#AF>>, <<16#ED, 16#A0, 16#80>>, <<"a", 16#C3>>]
    ],
    ?assertEqual({error, ?NAMETOOLONG}, open(binary:copy(<<"d/../">>, 820))),
    4 = open(<<(binary:copy(<<"d/../">>, 800))/binary, "f">>),
    5 = open(<<"\\..\\: ü"/utf8>>, ?CREATE),
    remove(<<"\\..\\: ü"/utf8>>).

%% Between two file systems.
check_two() ->
    New = fun() -> wasm2beam_wasi_fs_memory:new(#{<<"f">> => <<>>}) end,
    give(#{folders => [{"a", New()}, {"b", New()}]}),
    ?assertEqual(?XDEV, call(path_rename, [3] ++ path("f") ++ [4] ++ path("g"))),
    ?assertEqual(?XDEV, call(path_link, [3, 0] ++ path("f") ++ [4] ++ path("g"))).
