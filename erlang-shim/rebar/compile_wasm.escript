#!/usr/bin/env escript
%% Compiles the WebAssembly modules of a rebar3 project, as a hook:
%%
%%     {pre_hooks, [{compile, "escript PATH/TO/wasm2beam/rebar/compile_wasm.escript"}]}.
%%
%% Behind the script's name may stand --fuel, so that instructions are counted, and --initialize FILE=FUNCTION, any number of
%% times: each instance of wasm/FILE.wasm begins as that function, which is called once at build time, left one
%% (wasm2beam_initialize.erl).
%%
%% wasm/ints.wasm (or .wat) of the application `shop' becomes `shop_ints', a module with a typed function for each export,
%% in front of `shop_ints_wasm', the compiled code itself. Both go to the application's ebin folder, for the OTP release
%% that builds. The compiler runs on Node: the one that the environment variable WASM2BEAM names, or else the one that this
%% package carries in its priv folder. A file is compiled again when it, the compiler, this script or the release
%% has changed; what was made of a file that is gone goes too.
-mode(compile).

-define(MANIFEST, ".wasm2beam").

main(Arguments) ->
    try
        {Fuel, Initialize} = options(Arguments, {[], #{}}),
        _ = put(options, Fuel),
        _ = put(initialize, Initialize),
        App = application_name(),
        Ebin = filename:join([env("REBAR_BUILD_DIR", "_build/default"), "lib", App, "ebin"]),
        ok = filelib:ensure_dir(filename:join(Ebin, "x")),
        build(App, Ebin)
    catch
        throw:{failed, Message} ->
            io:format(standard_error, "~ts~n", [Message]),
            halt(1)
    end.

options([], Options) -> Options;
options(["--fuel" | Rest], {_, Initialize}) -> options(Rest, {["--fuel"], Initialize});
options(["--initialize", Pair | Rest], {Fuel, Initialize}) ->
    case string:split(Pair, "=") of
        [File, Function] -> options(Rest, {Fuel, Initialize#{File => unicode:characters_to_binary(Function)}});
        _ -> fail("--initialize takes FILE=FUNCTION", [])
    end;
options(_, _) -> fail("compile_wasm.escript takes no arguments but --fuel and --initialize FILE=FUNCTION", []).

build(App, Ebin) ->
    Sources = [{File, module_name(App, File)} || File <- lists:sort(filelib:wildcard("wasm/*.{wasm,wat}"))],
    check_names(Sources),
    [fail("there is no file ~ts in wasm/ to initialize", [Name]) || Name <- maps:keys(get(initialize)) -- [stem(File) || {File, _} <- Sources]],
    Manifest = filename:join(Ebin, ?MANIFEST),
    Before = read_manifest(Manifest),
    Gone = maps:without([Module || {_, Module} <- Sources], Before),
    lists:foreach(fun(Module) -> delete(Ebin, Module) end, maps:keys(Gone)),
    Built = build_sources(Sources, Before, Ebin),
    _ = [ok = file:write_file(Manifest, term_to_binary(Built)) || Built =/= Before],
    ok.

build_sources([], _Before, _Ebin) -> #{};
build_sources(Sources, Before, Ebin) ->
    Compiler = compiler(),
    Key = {fingerprint(Compiler), release(), get(options)},
    maps:from_list([{Module, build_source(File, Module, Key, Before, Ebin, Compiler)} || {File, Module} <- Sources]).

build_source(File, Module, Key, Before, Ebin, Compiler) ->
    {ok, Bytes} = file:read_file(File),
    Hash = {Key, erlang:md5(Bytes), initial(File)},
    Present = lists:all(fun filelib:is_regular/1, [beam(Ebin, Module), beam(Ebin, raw(Module))]),
    case Before of
        #{Module := Hash} when Present ->
            Hash;
        #{} ->
            io:format("===> Compiling ~ts~n", [File]),
            %% So that a failure below leaves nothing that looks fresh.
            delete(Ebin, Module),
            compile_raw(Compiler, File, raw(Module), beam(Ebin, raw(Module))),
            ok = file:write_file(beam(Ebin, Module), typed_module(File, Module, Ebin)),
            Hash
    end.

%% Names

application_name() ->
    case filelib:wildcard("src/*.app.src") of
        [File] -> filename:basename(File, ".app.src");
        _ -> fail("no src/NAME.app.src here: the hook runs in the folder of an application", [])
    end.

module_name(App, File) ->
    list_to_atom(App ++ "_" ++ re:replace(stem(File), "[^A-Za-z0-9]+", "_", [global, {return, list}])).

stem(File) -> filename:rootname(filename:basename(File)).

%% The function to call at build time, or none.
initial(File) -> maps:get(stem(File), get(initialize), none).

raw(Module) -> list_to_atom(atom_to_list(Module) ++ "_wasm").

check_names(Sources) ->
    Names = lists:append([[Module, raw(Module)] || {_, Module} <- Sources]),
    case Names -- lists:usort(Names) of
        [] -> ok;
        [Name | _] -> fail("two files in wasm/ become ~ts", [Name])
    end.

beam(Ebin, Module) -> filename:join(Ebin, atom_to_list(Module) ++ ".beam").

delete(Ebin, Module) ->
    _ = [file:delete(beam(Ebin, Name)) || Name <- [Module, raw(Module)]],
    ok.

%% A manifest that is damaged means that everything is compiled again.
read_manifest(File) ->
    try
        {ok, Content} = file:read_file(File),
        #{} = binary_to_term(Content)
    catch
        error:_ -> #{}
    end.

%% The compiler

compiler() ->
    %% Where rebar3 has a dependency may be a link to its checkout.
    Runtime = resolve_links(filename:dirname(filename:dirname(filename:absname(escript:script_name())))),
    Candidates = [env("WASM2BEAM", ""), filename:join(Runtime, "priv/wasm2beam.mjs")],
    case lists:filter(fun filelib:is_regular/1, Candidates) of
        [Program | _] -> resolve_links(Program);
        [] -> fail("the compiler is missing in the package wasm2beam: in a checkout, run `make build`", [])
    end.

%% npm puts a link to the program on the path.
resolve_links(Program) ->
    case file:read_link(Program) of
        {ok, Target} -> resolve_links(filename:absname(Target, filename:dirname(Program)));
        {error, _} -> Program
    end.

fingerprint(Program) ->
    Dist = filename:join(filename:dirname(filename:dirname(Program)), "dist"),
    Files = [filename:join(Dist, File) || File <- filelib:wildcard("**/*.{js,ohm}", Dist)],
    erlang:md5(term_to_binary([
        {File, filelib:file_size(File), filelib:last_modified(File)}
     || File <- [Program, escript:script_name() | Files]
    ])).

%% Written for 25, 26, or 27 for all later releases.
release() -> integer_to_list(min(27, list_to_integer(erlang:system_info(otp_release)))).

compile_raw(Program, File, Module, Beam) ->
    case os:find_executable("node") of
        false ->
            fail("Node 20 or newer, which compiles WebAssembly at build time, is not on the path", []);
        Node ->
            Args = [Program, "compile", File, "--module", atom_to_list(Module), "--otp", release(), "-o", Beam | get(options)],
            Options = [{args, Args}, {env, [{"NO_COLOR", "1"}]}, exit_status, stderr_to_stdout, binary],
            await(open_port({spawn_executable, Node}, Options), [])
    end.

await(Port, Output) ->
    receive
        {Port, {data, Data}} -> await(Port, [Output, Data]);
        {Port, {exit_status, 0}} -> ok;
        {Port, {exit_status, Status}} -> fail("~ts(the compiler ended with status ~b)", [Output, Status])
    end.

%% The typed module, as abstract forms: nothing of the guest's is ever read as source text.

typed_module(File, Module, Ebin) ->
    Raw = raw(Module),
    {ok, Bytes} = file:read_file(beam(Ebin, Raw)),
    {module, Raw} = code:load_binary(Raw, beam(Ebin, Raw), Bytes),
    Snapshot = snapshot(File, Raw),
    #{exports := Exports} = Raw:'$wasm2beam'(info),
    Functions = [
        Form
     || {_, {func, _, {Parameters, Results}, {Name, plain}}} <- Exports,
        Types <- [[instance | Parameters], Parameters],
        erlang:function_exported(Raw, Name, length(Types)),
        Form <- [spec(Name, Types, Results), function(Raw, Name, length(Types))]
    ],
    Names = [{Name, Arity} || {function, _, Name, Arity, _} <- Functions],
    Forms =
        [{attribute, 1, file, {File, 1}}, {attribute, 1, module, Module}, {attribute, 1, export, [{'$wasm2beam', 1} | Names]}] ++
            [description(Raw, Snapshot) | Functions],
    {ok, Module, Beam} = compile:forms(Forms, [debug_info, nowarn_unused_type, return_errors]),
    Beam.

%% What instances begin with, by the runtime, which is a dependency and compiled by now.
snapshot(File, Raw) ->
    case initial(File) of
        none ->
            none;
        Function ->
            Build = env("REBAR_BUILD_DIR", "_build/default"),
            ok = code:add_pathsa(filelib:wildcard(filename:join(Build, "{lib,checkouts}/wasm2beam/ebin"))),
            case wasm2beam_initialize:run(Raw, Function) of
                {ok, Snapshot} -> Snapshot;
                {error, Message} -> fail("~ts: ~ts", [File, Message])
            end
    end.

description(Raw, Snapshot) ->
    Key = {var, 1, 'Key'},
    {function, 1, '$wasm2beam', 1, [
        {clause, 1, [{atom, 1, module}], [], [{atom, 1, Raw}]},
        {clause, 1, [{atom, 1, snapshot}], [], [erl_parse:abstract(Snapshot, 1)]},
        {clause, 1, [Key], [], [call(Raw, '$wasm2beam', [Key])]}
    ]}.

function(Raw, Name, Arity) ->
    Arguments = [{var, 1, list_to_atom("Arg" ++ integer_to_list(I))} || I <- lists:seq(1, Arity)],
    {function, 1, Name, Arity, [{clause, 1, Arguments, [], [call(Raw, Name, Arguments)]}]}.

call(Module, Name, Arguments) -> {call, 1, {remote, 1, {atom, 1, Module}, {atom, 1, Name}}, Arguments}.

spec(Name, Parameters, Results) ->
    Function = {type, 1, 'fun', [{type, 1, product, [type(Type) || Type <- Parameters]}, result(Results)]},
    {attribute, 1, spec, {{Name, length(Parameters)}, [Function]}}.

result([]) -> {atom, 1, ok};
result([Type]) -> type(Type);
result(Types) -> {type, 1, tuple, [type(Type) || Type <- Types]}.

type(Type) -> {remote_type, 1, [{atom, 1, wasm2beam}, {atom, 1, Type}, []]}.

env(Name, Default) ->
    case os:getenv(Name) of
        false -> Default;
        Value -> Value
    end.

fail(Format, Arguments) -> throw({failed, io_lib:format(Format, Arguments)}).
