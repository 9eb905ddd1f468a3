%% What other processes see of a plug-in, to cancel its call: the instances, and the request of HTTP that it waits for.
%%
%% It is a table of ETS, since instances change after `_start' and nobody can read another process's dictionary.
-module(wasm2beam_extism_board).

-export([new/0, close/1, put_instances/2, put_request/2, cancel/1]).

-export_type([board/0]).

-opaque board() :: ets:tid().

-spec new() -> board().
new() ->
    ets:new(?MODULE, [public]).

-spec close(board()) -> ok.
close(Board) ->
    true = ets:delete(Board),
    ok.

%% @doc The instances, main first.
-spec put_instances(board(), [wasm2beam:instance()]) -> ok.
put_instances(Board, Instances) ->
    true = ets:insert(Board, {instances, Instances}),
    ok.

%% @doc The process that waits for an answer, or none. It is cancelled at once if the call was cancelled just before.
-spec put_request(board(), pid() | none) -> ok.
put_request(Board, Request) ->
    true = ets:insert(Board, {request, Request}),
    case lookup(Board, instances) of
        [Main | _] when is_pid(Request) ->
            _ = wasm2beam_fuel:is_cancelled(Main) andalso wasm2beam_extism_http:cancel(Request),
            ok;
        _ ->
            ok
    end.

%% @doc Cancels what goes on; nothing where the plug-in is gone. Raises `{wasm_error, {not_metered, _, _}}'.
-spec cancel(board()) -> ok.
cancel(Board) ->
    lists:foreach(fun wasm2beam:cancel/1, lookup(Board, instances)),
    case lookup(Board, request) of
        Request when is_pid(Request) -> wasm2beam_extism_http:cancel(Request);
        _ -> ok
    end.

%% Internal

lookup(Board, Key) ->
    try ets:lookup(Board, Key) of
        [{Key, Value}] -> Value;
        [] -> []
    catch
        error:badarg -> []
    end.
