%% Compiled modules for other nodes: sent where they are missing or other than here, known by name and content hash.
%%
%% A module comes from the code path, or from wherever it was loaded with the file's name still good. Its parts, and the
%% typed module in front of it, are modules too: each is sent by itself.
-module(wasm2beam_remote).

-export([ensure_loaded/2, ensure_loaded/3]).

-type reason() ::
    {not_compiled, module()} | {no_object_code, module()} | {not_loaded, module(), term()} | {no_runtime, node()} | noconnection.

%% @equiv ensure_loaded(Node, Module, 60000)
-spec ensure_loaded(node(), module()) -> {ok, same | sent} | {error, reason()}.
ensure_loaded(Node, Module) ->
    ensure_loaded(Node, Module, 60000).

%% @doc Sees to it that Node has this very Module, as compiled here: `same' where it had it, `sent' where it was loaded
%% there just now. Instances that Node has of another version of it can no longer be used, as after any loading. The
%% application wasm2beam itself has to be on the other node's code path. Timeout: milliseconds for each step.
-spec ensure_loaded(node(), module(), timeout()) -> {ok, same | sent} | {error, reason()}.
ensure_loaded(Node, Module, Timeout) ->
    try
        is_compiled(Module) orelse throw({not_compiled, Module}),
        on(Node, code, ensure_loaded, [wasm2beam_instance], Timeout) =:= {module, wasm2beam_instance} orelse
            throw({no_runtime, Node}),
        {ok, ensure_each(Node, modules(Module), Timeout)}
    catch
        throw:Reason -> {error, Reason}
    end.

%% Internal

is_compiled(Module) ->
    is_atom(Module) andalso code:ensure_loaded(Module) =:= {module, Module} andalso
        erlang:function_exported(Module, '$wasm2beam', 1).

%% What has to be loaded first comes first.
modules(Module) ->
    case wasm2beam_instance:compiled(Module) of
        Module -> parts(Module) ++ [Module];
        Compiled -> parts(Compiled) ++ [Compiled, Module]
    end.

%% The parts that a module was split into are called MODULE_1, MODULE_2, ...; the module calls some, and those the others.
parts(Module) ->
    Prefix = <<(atom_to_binary(Module))/binary, "_">>,
    parts([Module], Prefix, []).

parts([Module | Rest], Prefix, Found) ->
    Imported = lists:usort([Part || {Part, _, _} <- imports(Module)]),
    New = [
        Part
     || Part <- Imported -- Found,
        binary:longest_common_prefix([atom_to_binary(Part), Prefix]) =:= byte_size(Prefix)
    ],
    parts(New ++ Rest, Prefix, New ++ Found);
parts([], _Prefix, Found) ->
    Found.

imports(Module) ->
    {Code, _} = object_code(Module),
    case beam_lib:chunks(Code, [imports]) of
        {ok, {Module, [{imports, Imports}]}} -> Imports;
        {error, _, _} -> []
    end.

ensure_each(Node, Modules, Timeout) ->
    case [sent || Module <- Modules, ensure_one(Node, Module, Timeout) =:= sent] of
        [] -> same;
        _ -> sent
    end.

ensure_one(Node, Module, Timeout) ->
    Hash = Module:module_info(md5),
    case on(Node, code, ensure_loaded, [Module], Timeout) =:= {module, Module} andalso
        on(Node, Module, module_info, [md5], Timeout) =:= Hash of
        true ->
            same;
        false ->
            {Code, File} = object_code(Module),
            %% Whoever still runs old code there would be killed.
            on(Node, code, soft_purge, [Module], Timeout) orelse throw({not_loaded, Module, old_code_in_use}),
            case on(Node, code, load_binary, [Module, File, Code], Timeout) of
                {module, Module} -> sent;
                {error, Reason} -> throw({not_loaded, Module, Reason})
            end
    end.

%% Of the version that is loaded, which is not always what the code path has by now.
object_code(Module) ->
    Hash = Module:module_info(md5),
    Found = [Each || {Code, _} = Each <- files(Module), beam_lib:md5(Code) =:= {ok, {Module, Hash}}],
    case Found of
        [First | _] -> First;
        [] -> throw({no_object_code, Module})
    end.

files(Module) ->
    Loaded =
        case code:which(Module) of
            [_ | _] = Path -> [{Code, Path} || {ok, Code} <- [file:read_file(Path)]];
            _ -> []
        end,
    case code:get_object_code(Module) of
        {Module, Code, File} -> Loaded ++ [{Code, File}];
        error -> Loaded
    end.

on(Node, Module, Function, Args, Timeout) ->
    try
        erpc:call(Node, Module, Function, Args, Timeout)
    catch
        error:{erpc, noconnection} -> throw(noconnection);
        error:{erpc, Reason} -> throw({not_loaded, Module, Reason})
    end.
