%% The instances of a plug-in: each module of its manifest is instantiated after those that it imports from, the main
%% one last, and initialised.
%%
%% A module imports from others by their names in the manifest, and from the host. WASI programs share one environment.
%% spec: https://extism.org/docs/concepts/plug-in-system, and the tool conventions for WASI reactors
-module(wasm2beam_extism_link).

-include("wasm2beam_extism.hrl").

-export([check/1, open/1, run/1, close/1, functions/1]).

-define(ENV, <<"extism:host/env">>).

%% @doc The modules, ordered so that each is behind those that it imports from, or what is wrong with them. From the
%% main one no other imports.
-spec check(#plugin{}) -> {ok, [{binary(), module() | wasm2beam:compiled()}, ...]} | {error, binary()}.
check(#plugin{modules = Modules, functions = Functions, wasi = Wasi, manifest = #{timeout_ms := Timeout}}) ->
    Named = [{name(Name), Module} || {Name, Module} <- Modules],
    Taken = [?ENV | [wasm2beam_extism_function:space(Function) || Function <- Functions]] ++ wasi_spaces(Wasi),
    try
        lists:foreach(fun({Name, _}) -> check_name(Name, Taken) end, Named),
        lists:foreach(fun({_, Module}) -> check_types(Module, Functions) end, Named),
        Timeout =:= none orelse lists:foreach(fun check_fuel/1, Named),
        Others = lists:droplast(Named),
        {ok, lists:reverse(lists:foldl(fun(Each, Done) -> visit(Each, Others, [], Done) end, [], Named))}
    catch
        throw:{?MODULE, Message} -> {error, Message}
    end.

%% @doc Makes the WASI environment for the instances to come. Raises `{wasm_error, {bad_option, folders, _}}' for a folder
%% that is not there.
-spec open(wasm2beam_store:key()) -> ok.
open(Key) ->
    case wasm2beam_extism_state:fetch(Key) of
        #plugin{wasi = none} ->
            ok;
        #plugin{wasi = Options} = Plugin ->
            wasm2beam_extism_state:update(Key, Plugin#plugin{environment = wasm2beam_wasi:new(Options)})
    end.

%% @doc Makes and initialises the instances of the plug-in with this key. Guest code runs: exceptions pass through, and
%% whoever catches them calls close/1.
-spec run(wasm2beam_store:key()) -> ok | {error, wasm2beam_instantiate:error()}.
run(Key) ->
    #plugin{environment = Wasi} = Plugin = wasm2beam_extism_state:fetch(Key),
    {ok, Ordered} = check(Plugin),
    Host = maps:merge(wasi_imports(Wasi), user_imports(Key, Plugin)),
    instantiate(Ordered, Key, Host#{?ENV => wasm2beam_extism_env:imports(Key, Plugin#plugin.kernel)}).

%% @doc Ends the instances, and gives back what their memories took.
-spec close(wasm2beam_store:key()) -> ok.
close(Key) ->
    #plugin{instances = Instances, environment = Wasi, board = Board} = Plugin = wasm2beam_extism_state:fetch(Key),
    wasm2beam_extism_state:update(Key, Plugin#plugin{instances = [], environment = none}),
    give_back(Plugin),
    wasm2beam_extism_board:put_instances(Board, []),
    lists:foreach(fun wasm2beam:close/1, Instances),
    case Wasi of
        none -> ok;
        _ -> wasm2beam_wasi:close(Wasi)
    end.

%% @doc The types of the functions that a module exports.
-spec functions(module() | wasm2beam:compiled()) -> #{binary() => {[wasm2beam_value:type()], [wasm2beam_value:type()]}}.
functions(Module) ->
    maps:from_list([{Name, Type} || {Name, {func, Type}} <- wasm2beam:exports(Module)]).

%% Internal

%% What the instances had, open or given up half way, is all but what the memory of blocks has.
give_back(#plugin{budget = none}) ->
    ok;
give_back(#plugin{budget = Budget, kernel = Kernel, manifest = #{max_pages := MaxPages}}) ->
    Kept = wasm2beam_extism_kernel:pages(Kernel),
    wasm2beam_budget:give(Budget, MaxPages - Kept - wasm2beam_budget:left(Budget)).

-spec fail(iodata()) -> no_return().
fail(Message) ->
    throw({?MODULE, iolist_to_binary(Message)}).

check_name(Name, Taken) ->
    lists:member(Name, Taken) andalso fail(["the module name ", Name, " is the host's"]).

%% A limit that cannot be kept is none.
check_fuel({Name, Module}) ->
    {ok, Loaded} = wasm2beam_pool:module(Module),
    wasm2beam_fuel:is_metered(wasm2beam_instance:info(Loaded)) orelse
        fail(["timeout_ms needs modules that were compiled with fuel; ", Name, " was not"]).

name(none) -> <<"main">>;
name(Name) -> Name.

wasi_spaces(none) -> [];
wasi_spaces(_) -> [<<"wasi_snapshot_preview1">>, <<"wasi_unstable">>].

%% Depth first; Above are the modules on the way here.
visit({Name, Module} = Each, Others, Above, Done) ->
    case {lists:member(Each, Done), lists:member(Name, Above)} of
        {true, _} ->
            Done;
        {false, true} ->
            fail(["the modules import each other in a circle: ", lists:join(", ", Above)]);
        {false, false} ->
            Spaces = lists:usort([Space || {Space, _, _} <- wasm2beam:imports(Module)]),
            Needed = [Other || {Space, _} = Other <- Others, lists:member(Space, Spaces)],
            [Each | lists:foldl(fun(Other, Before) -> visit(Other, Others, [Name | Above], Before) end, Done, Needed)]
    end.

%% The runtime compares the number of parameters only where an import is a fun.
check_types(Module, Functions) ->
    Users = maps:from_list([
        {
            {wasm2beam_extism_function:space(Each), wasm2beam_extism_function:name(Each)},
            wasm2beam_extism_function:type(Each)
        }
     || Each <- Functions
    ]),
    Given = maps:merge(Users, wasm2beam_extism_env:types()),
    lists:foreach(fun(Import) -> check_type(Import, Given) end, wasm2beam:imports(Module)).

check_type({Space, Name, {func, Wanted}}, All) ->
    case maps:get({Space, Name}, All, Wanted) of
        Wanted -> ok;
        Given -> mismatch(Space, Name, Wanted, Given)
    end;
check_type(_Import, _All) ->
    ok.

-spec mismatch(binary(), binary(), term(), term()) -> no_return().
mismatch(Space, Name, Wanted, Given) ->
    Details = #{module => Space, name => Name, expected => {func, Wanted}, found => {func, Given}},
    fail(wasm2beam:format_error({wasm_link, incompatible_import_type, Details})).

wasi_imports(none) -> #{};
wasi_imports(Wasi) -> wasm2beam_wasi:imports(Wasi).

user_imports(Key, #plugin{functions = Functions}) ->
    lists:foldl(
        fun(Function, Spaces) ->
            Space = wasm2beam_extism_function:space(Function),
            Names = maps:get(Space, Spaces, #{}),
            Import = wasm2beam_extism_function:import(Key, Function),
            Spaces#{Space => Names#{wasm2beam_extism_function:name(Function) => Import}}
        end,
        #{},
        Functions
    ).

instantiate([], _Key, _Imports) ->
    ok;
instantiate([{Name, Module} | Modules], Key, Imports) ->
    #plugin{budget = Budget, manifest = #{timeout_ms := Timeout}} = wasm2beam_extism_state:fetch(Key),
    Limits = maps:from_list([{max_memory, Budget} || Budget =/= none] ++ [{timeout, Timeout} || Timeout =/= none]),
    case wasm2beam:instantiate(Module, Imports, Limits) of
        {ok, Instance} ->
            #plugin{instances = Before, board = Board} = Plugin = wasm2beam_extism_state:fetch(Key),
            Instances = [Instance | Before],
            wasm2beam_extism_state:update(Key, Plugin#plugin{instances = Instances}),
            wasm2beam_extism_board:put_instances(Board, Instances),
            is_initialized(Module) orelse initialize(Modules, Instance, functions(Module)),
            instantiate(Modules, Key, Imports#{Name => Instance});
        {error, _} = Error ->
            Error
    end.

%% At build time.
is_initialized(Module) when is_atom(Module) -> wasm2beam_instance:initial(Module) =/= none;
is_initialized(_Compiled) -> false.

%% A module that others import from is a reactor where it has this function. Of the main one, Haskell's runtime has its own
%% way; else constructors run once, by one of two names.
initialize([_ | _], Instance, Exports) ->
    call(Instance, <<"_initialize">>, Exports);
initialize([], Instance, #{<<"hs_init">> := {[i32, i32], _}} = Exports) ->
    call(Instance, <<"_initialize">>, Exports),
    _ = wasm2beam:call(Instance, <<"hs_init">>, [0, 0]),
    ok;
initialize([], Instance, #{<<"__wasm_call_ctors">> := _} = Exports) ->
    call(Instance, <<"__wasm_call_ctors">>, Exports);
initialize([], Instance, Exports) ->
    call(Instance, <<"_initialize">>, Exports).

%% Where there is such a function without parameters and results.
call(Instance, Name, Exports) ->
    case Exports of
        #{Name := {[], []}} ->
            [] = wasm2beam:call(Instance, Name, []),
            ok;
        #{} ->
            ok
    end.
