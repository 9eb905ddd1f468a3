%% Initialisation at build time: calls a function of a compiled module once and gives what it left behind as a snapshot,
%% from which instances begin.
%%
%% What the module imports is not there when it is built. Functions are given that end the initialisation when they are
%% called, except those of WASI, which get no folders, no variables and no arguments. Memories, tables and globals that a
%% host would make cannot be given at all.
-module(wasm2beam_initialize).

-export([run/2]).

%% The function that stands in for an import never returns.
-dialyzer({no_return, absent/3}).

%% @doc The snapshot, or why there is none.
-spec run(module(), binary()) -> {ok, binary()} | {error, binary()}.
run(Module, Function) ->
    try
        Wasi = wasm2beam_wasi:new(#{}),
        try
            Imports = wasm2beam_wasi:imports(Wasi),
            {ok, snapshot(Module, Function, maps:merge(Imports, missing(wasm2beam:imports(Module), Imports)))}
        after
            wasm2beam_wasi:close(Wasi)
        end
    catch
        throw:{?MODULE, Message} -> {error, unicode:characters_to_binary([Function, ": ", Message])};
        throw:{wasm2beam_wasi_exit, _, Status} -> ended(Function, ["exit with status ", integer_to_list(Status)]);
        error:Reason:Stacktrace -> ended(Function, [wasm2beam:format_error(Reason), "\n", wasm2beam_trace:text(Stacktrace)])
    end.

%% Internal

-spec fail(iodata()) -> no_return().
fail(Message) ->
    throw({?MODULE, Message}).

ended(Function, Message) ->
    {error, string:trim(unicode:characters_to_binary([Function, " at build time: ", Message]))}.

snapshot(Module, Function, Imports) ->
    case wasm2beam:instantiate(Module, Imports) of
        {ok, Instance} ->
            try
                lists:member({Function, {func, {[], []}}}, wasm2beam:exports(Module)) orelse
                    fail("the module exports no such function without parameters and results"),
                [] = wasm2beam:call(Instance, Function, []),
                wasm2beam:snapshot(Instance)
            after
                wasm2beam:close(Instance)
            end;
        {error, Reason} ->
            fail(wasm2beam:format_error(Reason))
    end.

%% What nobody gives, by the name of its module and its own.
missing(Imports, Given) ->
    lists:foldl(
        fun({Space, Name, Type}, Spaces) ->
            Names = maps:get(Space, Spaces, #{}),
            Spaces#{Space => Names#{Name => absent(Space, Name, Type)}}
        end,
        #{},
        [Import || {Space, _, _} = Import <- Imports, not is_map_key(Space, Given)]
    ).

absent(Space, Name, {func, {Parameters, _}}) ->
    wasm2beam_bind:is_packed(length(Parameters)) andalso
        fail([Space, $., Name, " has too many parameters to be replaced at build time"]),
    Called = fun(_Arguments) -> fail([Space, $., Name, " was called, which is not there at build time"]) end,
    wasm2beam_bind:applied(Called, length(Parameters));
absent(Space, Name, _Type) ->
    fail([Space, $., Name, " is imported, which is not there at build time"]).
