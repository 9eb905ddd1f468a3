%% The protocol of a call: instances where there are none, input, the exported function, then output or error.
%%
%% A function takes nothing and returns nothing or an i32, 0 for success. An error message that the guest has set makes
%% the call fail whatever it returned. The instances live on after a failure, as in Extism; after `_start' the next call
%% makes new ones.
-module(wasm2beam_extism_call).

-include("wasm2beam_extism.hrl").

-export([start/1, run/4]).

-export_type([error/0, kind/0]).

%% guest: it has set an error message. exit: it returned or ended itself with another code than 0. trap: it did what the
%% specification stops. host: it asked its host for what makes no sense or is not allowed.
-type kind() ::
    manifest | source | compile | link | unknown_function | guest | exit | trap | host | out_of_memory | timeout | cancelled
    | busy | freed | foreign_process | not_cancellable.
%% code: as Extism has it; 134 for a trap, else that of the guest or -1.
-type error() ::
    {wasm_extism, kind(), #{message := binary(), code := integer(), trap => term(), stacktrace => list()}}.

-define(ABORTED, 134).

%% @doc Makes the instances of a new plug-in.
-spec start(wasm2beam_store:key()) -> ok | {error, error()}.
start(Key) ->
    guarded(Key, undefined, fun() -> instances(Key) end).

%% @doc Calls an exported function of the main module.
-spec run(wasm2beam_store:key(), binary(), binary(), term()) -> {ok, binary()} | {error, error()}.
run(Key, Name, Input, Context) ->
    guarded(Key, Context, fun() ->
        case instances(Key) of
            ok -> call(Key, Name, Input);
            {error, _} = Error -> Error
        end
    end).

%% Internal

guarded(Key, Context, Fun) ->
    case wasm2beam_extism_state:fetch(Key) of
        #plugin{running = {true, _}} ->
            failed(busy, -1, <<"the plug-in is running: a host function called it again">>);
        #plugin{manifest = #{timeout_ms := Timeout}} = Plugin ->
            wasm2beam_extism_state:update(Key, Plugin#plugin{running = {true, deadline(Timeout)}, context = Context}),
            try
                Fun()
            after
                After = wasm2beam_extism_state:fetch(Key),
                wasm2beam_extism_state:update(Key, After#plugin{running = false, context = undefined})
            end
    end.

deadline(none) -> infinity;
deadline(Milliseconds) -> erlang:monotonic_time(millisecond) + Milliseconds.

instances(Key) ->
    case wasm2beam_extism_state:fetch(Key) of
        #plugin{instances = []} -> make_instances(Key);
        #plugin{} -> ok
    end.

%% Link errors, and traps and exits of what runs then; what was made before goes again.
make_instances(Key) ->
    try
        ok = wasm2beam_extism_link:open(Key),
        case guest(Key, fun() -> wasm2beam_extism_link:run(Key) end) of
            {returned, ok} -> ok;
            {returned, {error, {wasm_trap, Trap, #{in := start}}}} when Trap =:= timeout; Trap =:= cancelled ->
                dropped(Key, failure({trap, Trap, []}));
            {returned, {error, Link}} -> dropped(Key, failed(link, -1, link_message(Link)));
            Outcome -> dropped(Key, failure(Outcome))
        end
    catch
        error:{wasm_error, {bad_option, folders, _}} = Folder ->
            dropped(Key, failed(link, -1, wasm2beam:format_error(Folder)));
        Class:Reason:Stacktrace ->
            wasm2beam_extism_link:close(Key),
            erlang:raise(Class, Reason, Stacktrace)
    end.

link_message({wasm_limit, memory, _} = Limit) ->
    Message = wasm2beam:format_error(Limit),
    <<Message/binary, ", which is left of the manifest's max_pages">>;
link_message(Link) ->
    wasm2beam:format_error(Link).

dropped(Key, Error) ->
    wasm2beam_extism_link:close(Key),
    Error.

call(Key, Name, Input) ->
    #plugin{kernel = Kernel, instances = [Main | _], exports = Exports} = wasm2beam_extism_state:fetch(Key),
    case Exports of
        #{Name := {[], Results}} when length(Results) =< 1 ->
            case wasm2beam_extism_kernel:reset(Kernel, Input) of
                ok ->
                    Run = fun() -> code(Results, wasm2beam:call(Main, Name, [])) end,
                    finish(Key, Name, guest(Key, Run));
                {error, out_of_memory} ->
                    failed(out_of_memory, -1, <<"oom">>)
            end;
        #{Name := _} ->
            failed(unknown_function, -1, <<"the function has parameters or several results: ", Name/binary>>);
        #{} ->
            failed(unknown_function, -1, <<"Function not found: ", Name/binary>>)
    end.

finish(Key, Name, Outcome) ->
    #plugin{kernel = Kernel} = wasm2beam_extism_state:fetch(Key),
    Result =
        case {message(Kernel), Outcome} of
            {none, {_, 0}} ->
                {ok, wasm2beam_extism_kernel:output_bytes(Kernel)};
            {none, {returned, Code}} ->
                failed(exit, Code, <<"Returned non-zero exit code: ", (integer_to_binary(Code))/binary>>);
            {none, _} ->
                failure(Outcome);
            {Message, {returned, Code}} ->
                failed(guest, Code, Message);
            {Message, _} ->
                {error, {wasm_extism, Kind, Details}} = failure(Outcome),
                {error, {wasm_extism, Kind, Details#{message := Message}}}
        end,
    Name =:= <<"_start">> andalso wasm2beam_extism_link:close(Key),
    Result.

%% What a function returned as a code; what is no i32 means no success.
code([], []) -> 0;
code([i32], [Code]) -> Code;
code(_, _) -> -1.

%% The guest's error message, where it has set one that is not empty. It may be any bytes.
message(Kernel) ->
    case wasm2beam_extism_kernel:get(Kernel, wasm2beam_extism_kernel:error(Kernel)) of
        {ok, Message} when Message =/= <<>> -> Message;
        _ -> none
    end.

failure({exit, Status}) ->
    failed(exit, Status, <<"WASI exit code ", (integer_to_binary(Status))/binary>>);
failure({aborted, Kind, Message}) ->
    failed(Kind, -1, Message);
failure({trap, Reason, _}) when Reason =:= timeout; Reason =:= cancelled ->
    failed(Reason, -1, atom_to_binary(Reason));
failure({trap, Reason, Stacktrace}) ->
    Message = wasm2beam:format_error({wasm_trap, Reason}),
    {error, {wasm_extism, trap, #{message => Message, code => ?ABORTED, trap => Reason, stacktrace => Stacktrace}}}.

failed(Kind, Code, Message) ->
    {error, {wasm_extism, Kind, #{message => Message, code => Code}}}.

%% Calls Fun, which runs guest code. Exceptions of the embedder's own functions pass through.
guest(Key, Fun) ->
    try catch_exit(Key, fun() -> wasm2beam_extism_state:catch_abort(Key, Fun) end) of
        {exit, Status} -> {exit, Status};
        {returned, Outcome} -> Outcome
    catch
        error:{wasm_trap, Reason}:Stacktrace -> {trap, Reason, Stacktrace}
    end.

catch_exit(Key, Fun) ->
    case wasm2beam_extism_state:fetch(Key) of
        #plugin{environment = none} -> {returned, Fun()};
        #plugin{environment = Wasi} -> wasm2beam_wasi:catch_exit(Wasi, Fun)
    end.
