%% Compiling at run time: what is loaded, for how long, and what the compiler and the cache do when something is wrong.
-module(wasm2beam_compile_tests).

-include_lib("eunit/include/eunit.hrl").
-include_lib("kernel/include/file.hrl").

-define(PATIENCE, 120).

%% A module whose names all hold Tag and whose export gives Number.
module(Tag, Number) ->
    iolist_to_binary([
        "(module $m_", Tag, " (import \"env_", Tag, "\" \"log_", Tag, "\" (func $log_", Tag, "))",
        " (global $g_", Tag, " (export \"g_", Tag, "\") (mut i32) (i32.const ", integer_to_list(Number), "))",
        " (func $get_", Tag, " (export \"get\") (result i32) (call $log_", Tag, ") (global.get 0)))"
    ]).

imports(Tag) -> imports(Tag, fun() -> ok end).

imports(Tag, Log) ->
    #{list_to_binary(["env_", Tag]) => #{list_to_binary(["log_", Tag]) => Log}}.

%% Takes seconds to compile.
slow() ->
    Function = ["(func (param i64) (result i64) ", lists:duplicate(2000, "local.get 0 "), lists:duplicate(1999, "i64.add "), ")"],
    iolist_to_binary(["(module ", lists:duplicate(400, Function), ")"]).

compile(Text) -> compile(Text, #{}).

compile(Text, Options) -> wasm2beam:compile(Text, Options#{text => true}).

%% The name that a module has in the virtual machine.
name(#{name := Name}) -> Name.

is_loaded(Compiled) -> erlang:module_loaded(name(Compiled)).

eventually(Condition) ->
    case Condition() of
        true -> ok;
        false ->
            timer:sleep(20),
            eventually(Condition)
    end.

%% Each test has a cache of its own, and settings that end with it.
with_application(Settings, Test) ->
    {timeout, ?PATIENCE, fun() ->
        Folder = filename:join(["build", "test", "cache-" ++ integer_to_list(erlang:unique_integer([positive]))]),
        All = [{cache, Folder} | Settings],
        _ = application:stop(wasm2beam),
        _ = application:load(wasm2beam),
        [application:set_env(wasm2beam, Key, Value) || {Key, Value} <- All],
        Level = maps:get(level, logger:get_primary_config()),
        logger:set_primary_config(level, none),
        try
            Test(Folder)
        after
            _ = application:stop(wasm2beam),
            [application:unset_env(wasm2beam, Key) || {Key, _} <- All],
            logger:set_primary_config(level, Level),
            file:del_dir_r(Folder)
        end
    end}.

lives_as_long_as_it_is_used_test_() ->
    with_application([], fun(_) ->
        {ok, Compiled} = compile(module("a", 7)),
        ?assertEqual([{<<"env_a">>, <<"log_a">>, {func, {[], []}}}], wasm2beam:imports(Compiled)),
        ?assertMatch([{<<"g_a">>, {global, i32, var}}, {<<"get">>, {func, {[], [i32]}}}], wasm2beam:exports(Compiled)),
        {ok, Instance} = wasm2beam:instantiate(Compiled, imports("a")),
        ?assertEqual([7], wasm2beam:call(Instance, get, [])),
        ok = wasm2beam:release(Compiled),
        ?assertEqual({error, {wasm_error, {released, Compiled}}}, wasm2beam:instantiate(Compiled, imports("a"))),
        ?assertError({wasm_error, {released, Compiled}}, wasm2beam:exports(Compiled)),
        ?assertEqual([7], wasm2beam:call(Instance, get, [])),
        ?assert(is_loaded(Compiled)),
        ok = wasm2beam:close(Instance),
        eventually(fun() -> not is_loaded(Compiled) end),
        ok = wasm2beam:release(Compiled)
    end).

failed_instances_hold_nothing_test_() ->
    with_application([], fun(_) ->
        {ok, Compiled} = compile(module("a", 7)),
        ?assertMatch({error, {wasm_link, unknown_import, _}}, wasm2beam:instantiate(Compiled)),
        Trap = <<"(module (memory 1) (data (i32.const 65536) \"x\"))">>,
        {ok, Trapping} = compile(Trap),
        ?assertMatch({error, {wasm_trap, _, _}}, wasm2beam:instantiate(Trapping)),
        ok = wasm2beam:release(Compiled),
        ok = wasm2beam:release(Trapping),
        eventually(fun() -> not is_loaded(Compiled) andalso not is_loaded(Trapping) end)
    end).

equal_bytes_are_loaded_once_test_() ->
    with_application([], fun(_) ->
        Self = self(),
        Text = module("a", 1),
        [
            spawn_link(fun() ->
                {ok, Compiled} = compile(Text, #{owner => Self}),
                Self ! {compiled, Compiled}
            end)
         || _ <- lists:seq(1, 10)
        ],
        All = [receive {compiled, Compiled} -> Compiled end || _ <- lists:seq(1, 10)],
        [First | Others] = All,
        ?assertEqual([name(First)], lists:usort(lists:map(fun name/1, All))),
        lists:foreach(fun wasm2beam:release/1, Others),
        ?assert(is_loaded(First)),
        ok = wasm2beam:release(First),
        ?assertNot(is_loaded(First))
    end).

ends_with_processes_test_() ->
    with_application([], fun(_) ->
        Self = self(),
        {Owner, _} = spawn_monitor(fun() ->
            {ok, Compiled} = compile(module("a", 1)),
            Self ! {compiled, Compiled},
            receive stop -> ok end
        end),
        Compiled = receive {compiled, Each} -> Each end,
        {User, _} = spawn_monitor(fun() ->
            {ok, _} = wasm2beam:instantiate(Compiled, imports("a")),
            Self ! ready,
            receive stop -> ok end
        end),
        receive ready -> ok end,
        Owner ! stop,
        receive {'DOWN', _, process, Owner, _} -> ok end,
        eventually(fun() -> element(1, wasm2beam:instantiate(Compiled, imports("a"))) =:= error end),
        ?assert(is_loaded(Compiled)),
        exit(User, kill),
        eventually(fun() -> not is_loaded(Compiled) end)
    end).

%% The frame of the guest is left only after its module was given up.
closing_within_a_call_test_() ->
    with_application([], fun(_) ->
        {ok, Compiled} = compile(module("a", 7)),
        Log = fun() ->
            wasm2beam:close(get(guest)),
            wasm2beam:release(Compiled),
            ?assertNot(erlang:module_loaded(no_such_module))
        end,
        {ok, Instance} = wasm2beam:instantiate(Compiled, imports("a", Log)),
        put(guest, Instance),
        ?assertEqual([7], wasm2beam:call(Instance, get, [])),
        eventually(fun() -> not is_loaded(Compiled) andalso not erlang:check_old_code(name(Compiled)) end)
    end).

names_are_bounded_test_() ->
    with_application([{max_modules, 2}], fun(_) ->
        {ok, A} = compile(module("a", 1)),
        {ok, B} = compile(module("b", 2)),
        ?assertEqual({error, {wasm_compile, pool_exhausted, 2}}, compile(module("c", 3))),
        ok = wasm2beam:release(A),
        {ok, C} = compile(module("c", 3)),
        ?assertEqual(name(A), name(C)),
        %% The old handle names the same atom, and is not taken for the new module.
        ?assertMatch({error, {wasm_error, {released, _}}}, wasm2beam:instantiate(A, imports("a"))),
        {ok, Instance} = wasm2beam:instantiate(C, imports("c")),
        ?assertEqual([3], wasm2beam:call(Instance, get, [])),
        ok = wasm2beam:close(Instance),
        lists:foreach(fun wasm2beam:release/1, [B, C])
    end).

guests_make_no_atoms_test_() ->
    with_application([], fun(_) ->
        Run = fun(Tag) ->
            {ok, Compiled} = compile(module(Tag, 1)),
            {ok, Instance} = wasm2beam:instantiate(Compiled, imports(Tag)),
            [1] = wasm2beam:call(Instance, <<"get">>, []),
            1 = wasm2beam:get_global(Instance, list_to_binary(["g_", Tag])),
            ok = wasm2beam:close(Instance),
            ok = wasm2beam:release(Compiled)
        end,
        Run("first"),
        Before = erlang:system_info(atom_count),
        [Run("other" ++ integer_to_list(I)) || I <- lists:seq(1, 20)],
        ?assertEqual(Before, erlang:system_info(atom_count))
    end).

errors_test_() ->
    with_application([], fun(_) ->
        ?assertMatch({error, {wasm_compile, malformed, <<"magic header not detected", _/binary>>}}, wasm2beam:compile(<<"no module">>)),
        ?assertMatch({error, {wasm_compile, invalid, <<"type mismatch", _/binary>>}}, compile(<<"(module (func (result i32)))">>)),
        ?assertMatch({error, {wasm_compile, malformed, _}}, compile(<<"(module">>)),
        ?assertEqual({error, {wasm_compile, too_large, {4, 3}}}, wasm2beam:compile(<<0, "asm">>, #{max_bytes => 3})),
        ?assertEqual({error, {wasm_error, {bad_option, fuel, 1}}}, compile(<<>>, #{fuel => 1})),
        ?assertEqual({error, {wasm_error, {bad_option, options, none}}}, wasm2beam:compile(<<>>, none)),
        ?assertEqual({error, {wasm_error, {bad_module, nothing}}}, wasm2beam:compile(nothing)),
        [?assert(is_binary(wasm2beam:format_error(Reason))) || {error, Reason} <- [compile(<<"(module">>), wasm2beam:compile(1)]]
    end).

fuel_test_() ->
    with_application([], fun(_) ->
        Text = <<"(module (func (export \"f\") (loop (br 0))))">>,
        {ok, Plain} = compile(Text),
        {ok, Metered} = compile(Text, #{fuel => true}),
        ?assertMatch({error, {wasm_error, {not_metered, _, fuel}}}, wasm2beam:instantiate(Plain, #{}, #{fuel => 1000})),
        {ok, Instance} = wasm2beam:instantiate(Metered, #{}, #{fuel => 1000}),
        ?assertError({wasm_trap, out_of_fuel}, wasm2beam:call(Instance, f, []))
    end).

no_node_test_() ->
    with_application([{node, "/no/such/program"}], fun(_) ->
        ?assertMatch({error, {wasm_compile, ended, enoent}}, compile(module("a", 1)))
    end).

%% The programs behind ports.

programs() ->
    Compiler = whereis(wasm2beam_compiler),
    [Pid || Port <- erlang:ports(), {connected, Compiler} =:= erlang:port_info(Port, connected), {os_pid, Pid} <- [erlang:port_info(Port, os_pid)]].

lives(Pid) -> os:cmd("kill -0 " ++ integer_to_list(Pid) ++ " 2>&1") =:= "".

too_slow_test_() ->
    with_application([{compilers, 1}], fun(_) ->
        {ok, _} = compile(module("a", 1)),
        [Program] = programs(),
        ?assertEqual({error, {wasm_compile, timeout, 100}}, compile(slow(), #{timeout => 100})),
        eventually(fun() -> not lives(Program) end),
        {ok, _} = compile(module("b", 1)),
        ?assertNot(lists:member(Program, programs()))
    end).

%% A module that needs more memory than it may have fails alone.
too_much_memory_test_() ->
    with_application([{compilers, 1}, {compiler_megabytes, 50}], fun(_) ->
        Functions = iolist_to_binary(["(module ", lists:duplicate(300000, "(func)"), ")"]),
        {error, {wasm_compile, Kind, _}} = compile(Functions),
        ?assert(lists:member(Kind, [ended, internal])),
        ?assertMatch({ok, _}, compile(module("a", 1)))
    end).

dies_test_() ->
    with_application([{compilers, 1}], fun(_) ->
        Self = self(),
        [spawn_link(fun() -> Self ! {I, compile(Text)} end) || {I, Text} <- [{1, slow()}]],
        eventually(fun() -> programs() =/= [] end),
        %% Waits in line behind the first.
        spawn_link(fun() -> Self ! {2, compile(module("b", 1))} end),
        [Program] = programs(),
        _ = os:cmd("kill -9 " ++ integer_to_list(Program)),
        ?assertMatch({error, {wasm_compile, ended, _}}, receive {1, Answer} -> Answer end),
        ?assertMatch({ok, _}, receive {2, Answer} -> Answer end)
    end).

ends_with_the_application_test_() ->
    with_application([], fun(_) ->
        {ok, Compiled} = compile(module("a", 1)),
        [Program] = programs(),
        ok = application:stop(wasm2beam),
        eventually(fun() -> not lives(Program) end),
        ?assertNot(is_loaded(Compiled)),
        ?assertEqual({error, {wasm_error, {released, Compiled}}}, wasm2beam:instantiate(Compiled, imports("a"))),
        %% Starts again by itself.
        {ok, _} = compile(module("a", 1))
    end).

%% Who waits for a module that another process loads goes on in its place where that one fails.
loading_fails_test_() ->
    with_application([{max_modules, 1}], fun(_) ->
        {ok, _} = application:ensure_all_started(wasm2beam),
        Self = self(),
        Load = fun(Make) -> wasm2beam_pool:load(<<"key">>, Self, Make) end,
        Beam = fun(Name) ->
            {ok, Name, Binary} = compile:forms([{attribute, 1, module, Name}]),
            Binary
        end,
        ?assertError(mine, Load(fun(_) -> error(mine) end)),
        {First, _} = spawn_monitor(fun() -> Load(fun(_) -> Self ! loading, receive never -> ok end end) end),
        receive loading -> ok end,
        {Second, _} = spawn_monitor(fun() -> Self ! {second, Load(Beam)} end),
        eventually(fun() -> process_info(Second, status) =:= {status, waiting} end),
        exit(First, kill),
        {ok, Compiled} = receive {second, Answer} -> Answer end,
        ?assert(is_loaded(Compiled)),
        ok = wasm2beam:release(Compiled),
        ?assertNot(is_loaded(Compiled))
    end).

%% The registry of names is restarted.
pool_dies_test_() ->
    with_application([], fun(_) ->
        {ok, Compiled} = compile(module("a", 7)),
        {ok, Instance} = wasm2beam:instantiate(Compiled, imports("a")),
        Pool = whereis(wasm2beam_pool),
        exit(Pool, kill),
        eventually(fun() -> is_pid(whereis(wasm2beam_pool)) andalso whereis(wasm2beam_pool) =/= Pool end),
        ?assertEqual([7], wasm2beam:call(Instance, get, [])),
        {ok, Second} = compile(module("a", 7)),
        ?assertEqual(name(Compiled), name(Second)),
        {ok, Other} = compile(module("b", 7)),
        ?assertNotEqual(name(Compiled), name(Other)),
        ok = wasm2beam:release(Second),
        ok = wasm2beam:release(Compiled),
        ?assert(is_loaded(Compiled)),
        ok = wasm2beam:close(Instance),
        eventually(fun() -> not is_loaded(Compiled) end)
    end).

%% The cache.

files(Folder) -> filelib:wildcard(filename:join(Folder, "*")).

%% With a compiler that cannot be started only what is in the cache can be had.
without_compiler(Fun) ->
    Before = application:get_env(wasm2beam, node, undefined),
    ok = application:stop(wasm2beam),
    application:set_env(wasm2beam, node, "/no/such/program"),
    try
        Fun()
    after
        application:set_env(wasm2beam, node, Before)
    end.

cached_test_() ->
    with_application([], fun(Folder) ->
        {ok, First} = compile(module("a", 1)),
        ok = wasm2beam:release(First),
        ?assertMatch([_], files(Folder)),
        {ok, #file_info{mode = Mode}} = file:read_file_info(Folder),
        ?assertEqual(8#700, Mode band 8#777),
        without_compiler(fun() ->
            {ok, Again} = compile(module("a", 1)),
            ok = wasm2beam:release(Again),
            ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("a", 1), #{cache => false})),
            ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("b", 1)))
        end)
    end).

damaged_files_are_not_loaded_test_() ->
    with_application([], fun(Folder) ->
        {ok, First} = compile(module("a", 1)),
        ok = wasm2beam:release(First),
        [File] = files(Folder),
        {ok, Content} = file:read_file(File),
        Flip = fun(At) ->
            <<Head:At/binary, Byte, Tail/binary>> = Content,
            ok = file:write_file(File, [Head, Byte bxor 1, Tail])
        end,
        Damage = [
            fun() -> Flip(3) end,
            fun() -> Flip(20) end,
            fun() -> Flip(byte_size(Content) div 2) end,
            fun() -> ok = file:write_file(File, binary:part(Content, 0, byte_size(Content) - 1)) end,
            fun() -> ok = file:write_file(File, <<>>) end
        ],
        lists:foreach(
            fun(Harm) ->
                Harm(),
                without_compiler(fun() -> ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("a", 1))) end),
                {ok, Again} = compile(module("a", 1)),
                ok = wasm2beam:release(Again),
                ?assertEqual({ok, Content}, file:read_file(File))
            end,
            Damage
        ),
        %% What belongs to another key is no better.
        {ok, Second} = compile(module("b", 1)),
        ok = wasm2beam:release(Second),
        [Other] = files(Folder) -- [File],
        {ok, _} = file:copy(File, Other),
        without_compiler(fun() -> ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("b", 1))) end)
    end).

others_cannot_write_test_() ->
    with_application([], fun(Folder) ->
        Use = fun() ->
            {ok, Compiled} = compile(module("a", 1)),
            ok = wasm2beam:release(Compiled)
        end,
        Use(),
        [File] = files(Folder),
        Refused = fun() ->
            without_compiler(fun() -> ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("a", 1))) end)
        end,
        ok = file:change_mode(File, 8#620),
        Refused(),
        ok = file:change_mode(File, 8#600),
        without_compiler(Use),
        ok = file:change_mode(Folder, 8#703),
        Refused(),
        %% Compiling goes on without the cache.
        Use(),
        ok = file:change_mode(Folder, 8#700),
        %% A link to a folder is none.
        Link = Folder ++ "-link",
        ok = file:make_symlink(filename:basename(Folder), Link),
        without_compiler(fun() ->
            ?assertMatch({error, {wasm_compile, ended, _}}, compile(module("a", 1), #{cache => Link}))
        end),
        ok = file:delete(Link)
    end).

%% Several nodes write, read and delete in one folder at the same time: what is read is what was written, or nothing.
shared_test_() ->
    with_application([], fun(Folder) ->
        Content = fun(Key) -> binary:copy(<<Key>>, 1000 + Key) end,
        Work = fun(Seed) ->
            _ = rand:seed(exsss, Seed),
            [
                begin
                    Key = rand:uniform(20),
                    case wasm2beam_cache:fetch(Folder, <<Key>>) of
                        {ok, Found} ->
                            Found = Content(Key);
                        {error, enoent} ->
                            %% Room for about five of them.
                            ok = wasm2beam_cache:store(Folder, <<Key>>, Content(Key), 6000)
                    end
                end
             || _ <- lists:seq(1, 100)
            ]
        end,
        Workers = [spawn_monitor(fun() -> Work(Seed) end) || Seed <- lists:seq(1, 8)],
        [?assertEqual(normal, receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end) || {Pid, Monitor} <- Workers],
        ?assertEqual([], filelib:wildcard(filename:join(Folder, "*.new")))
    end).

bounded_test_() ->
    with_application([{max_cache_bytes, 5000}], fun(Folder) ->
        [
            begin
                {ok, Compiled} = compile(module(integer_to_list(I), I)),
                ok = wasm2beam:release(Compiled)
            end
         || I <- lists:seq(1, 8)
        ],
        Size = lists:sum([filelib:file_size(File) || File <- files(Folder)]),
        ?assert(Size =< 5000),
        ?assert(Size > 2000),
        %% What is larger than all that there may be is not kept, and takes nothing away.
        {ok, _} = compile(slow_to_load(), #{}),
        ?assertEqual(Size, lists:sum([filelib:file_size(File) || File <- files(Folder)]))
    end).

slow_to_load() ->
    iolist_to_binary(["(module ", lists:duplicate(200, "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"), ")"]).
