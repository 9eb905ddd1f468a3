%% The imports `extism:host/env' of a plug-in: its memory, and what the host does for it.
%%
%% Handles passed to config_get, var_get, var_set, http_request and the logging functions belong to the host, which
%% frees them; those that it returns belong to the guest. What makes no sense (a handle of no block, a host that is not
%% allowed, variables beyond their bounds) ends the guest's call by wasm2beam_extism_state:abort/3.
%% spec: https://extism.org/docs/write-a-plugin/plugin-system, the ABI
-module(wasm2beam_extism_env).

-include("wasm2beam_extism.hrl").

-export([imports/2, types/0]).

-type key() :: wasm2beam_store:key().
-type handle() :: wasm2beam_extism_kernel:handle().

%% @doc The functions by their names, for a plug-in and its memory of blocks.
-spec imports(key(), wasm2beam_extism_kernel:key()) -> #{binary() => fun()}.
imports(Key, Kernel) ->
    maps:merge(memory_functions(Key, Kernel), host_functions(Key)).

%% @doc The types of all functions, by module name and name.
-spec types() -> #{{binary(), binary()} => {[wasm2beam_value:type()], [wasm2beam_value:type()]}}.
types() ->
    Rows = [
        {[], [], [reset]},
        {[], [i32], [http_status_code, get_log_level]},
        {[], [i64],
            [input_offset, input_length, output_offset, output_length, error_get, memory_bytes, http_headers]},
        {[i64], [], [free, error_set, log_trace, log_debug, log_info, log_warn, log_error]},
        {[i64], [i32], [load_u8, input_load_u8]},
        {[i64], [i64], [alloc, length, length_unsafe, load_u64, input_load_u64, config_get, var_get]},
        {[i64, i32], [], [store_u8]},
        {[i64, i64], [], [store_u64, input_set, output_set, var_set]},
        {[i64, i64], [i64], [http_request]}
    ],
    maps:from_list([
        {{<<"extism:host/env">>, atom_to_binary(Name)}, {Parameters, Results}}
     || {Parameters, Results, Names} <- Rows, Name <- Names
    ]).

%% Internal

%% Results of 64 bits may be unsigned. Lengths and addresses arrive signed.
memory_functions(Key, Kernel) ->
    #{
        <<"alloc">> => fun(Length) -> alloc(Key, Kernel, u64(Length)) end,
        <<"free">> => fun(Handle) -> wasm2beam_extism_kernel:free(Kernel, u64(Handle)) end,
        <<"length">> => fun(Handle) -> wasm2beam_extism_kernel:length(Kernel, u64(Handle)) end,
        <<"length_unsafe">> => fun(Handle) -> wasm2beam_extism_kernel:length(Kernel, u64(Handle)) end,
        <<"load_u8">> => fun(Address) -> wasm2beam_extism_kernel:load_u8(Kernel, u64(Address)) end,
        <<"load_u64">> => fun(Address) -> wasm2beam_extism_kernel:load_u64(Kernel, u64(Address)) end,
        <<"store_u8">> => fun(Address, Byte) ->
            wasm2beam_extism_kernel:store_u8(Kernel, u64(Address), Byte band 16#FF)
        end,
        <<"store_u64">> => fun(Address, Value) -> wasm2beam_extism_kernel:store_u64(Kernel, u64(Address), Value) end,
        <<"input_set">> => fun(Handle, Length) ->
            wasm2beam_extism_kernel:set_input(Kernel, u64(Handle), u64(Length))
        end,
        <<"input_offset">> => fun() -> wasm2beam_extism_kernel:input(Kernel) end,
        <<"input_length">> => fun() -> wasm2beam_extism_kernel:input_length(Kernel) end,
        <<"input_load_u8">> => fun(Offset) -> wasm2beam_extism_kernel:input_load_u8(Kernel, u64(Offset)) end,
        <<"input_load_u64">> => fun(Offset) -> wasm2beam_extism_kernel:input_load_u64(Kernel, u64(Offset)) end,
        <<"output_set">> => fun(Address, Length) ->
            wasm2beam_extism_kernel:set_output(Kernel, u64(Address), u64(Length))
        end,
        <<"output_offset">> => fun() -> wasm2beam_extism_kernel:output(Kernel) end,
        <<"output_length">> => fun() -> wasm2beam_extism_kernel:output_length(Kernel) end,
        <<"error_set">> => fun(Handle) -> wasm2beam_extism_kernel:set_error(Kernel, u64(Handle)) end,
        <<"error_get">> => fun() -> wasm2beam_extism_kernel:error(Kernel) end,
        <<"reset">> => fun() -> wasm2beam_extism_kernel:reset(Kernel) end,
        <<"memory_bytes">> => fun() -> wasm2beam_extism_kernel:bytes(Kernel) end
    }.

host_functions(Key) ->
    Logs = [
        {<<"log_", (atom_to_binary(Level))/binary>>, fun(Message) -> log(Key, Level, u64(Message)) end}
     || Level <- [trace, debug, info, warn, error]
    ],
    maps:merge(maps:from_list(Logs), #{
        <<"get_log_level">> => fun() ->
            wasm2beam_extism_log:number((wasm2beam_extism_state:fetch(Key))#plugin.log_level)
        end,
        <<"config_get">> => fun(Name) -> config_get(Key, u64(Name)) end,
        <<"var_get">> => fun(Name) -> var_get(Key, u64(Name)) end,
        <<"var_set">> => fun(Name, Value) -> var_set(Key, u64(Name), u64(Value)) end,
        <<"http_request">> => fun(Request, Body) -> http_request(Key, u64(Request), u64(Body)) end,
        <<"http_status_code">> => fun() -> (wasm2beam_extism_state:fetch(Key))#plugin.http_status end,
        <<"http_headers">> => fun() -> http_headers(Key) end
    }).

u64(Number) when Number >= 0 -> Number;
u64(Number) -> Number band 16#FFFFFFFFFFFFFFFF.

alloc(Key, Kernel, Length) ->
    case wasm2beam_extism_kernel:alloc(Kernel, Length) of
        {ok, Handle} -> Handle;
        {error, out_of_memory} -> wasm2beam_extism_state:abort(Key, out_of_memory, <<"oom">>)
    end.

-spec config_get(key(), handle()) -> handle().
config_get(Key, Name) ->
    #plugin{manifest = #{config := Config}} = Plugin = wasm2beam_extism_state:fetch(Key),
    answer(Key, Plugin, Name, maps:get(name(Key, Plugin, Name, <<"config key">>), Config, none)).

-spec var_get(key(), handle()) -> handle().
var_get(Key, Name) ->
    #plugin{vars = Vars} = Plugin = wasm2beam_extism_state:fetch(Key),
    answer(Key, Plugin, Name, maps:get(name(Key, Plugin, Name, <<"var key">>), Vars, none)).

%% The name is freed last: a guest that frees it, too, must not hit the answer.
answer(_Key, #plugin{kernel = Kernel}, Name, none) ->
    wasm2beam_extism_kernel:free(Kernel, Name),
    0;
answer(Key, #plugin{kernel = Kernel}, Name, Value) ->
    Handle = wasm2beam_extism_state:put_block(Key, Kernel, Value),
    wasm2beam_extism_kernel:free(Kernel, Name),
    Handle.

-spec var_set(key(), handle(), handle()) -> ok.
var_set(Key, NameHandle, ValueHandle) ->
    #plugin{kernel = Kernel} = Plugin = wasm2beam_extism_state:fetch(Key),
    Name = name(Key, Plugin, NameHandle, <<"var key">>),
    case ValueHandle of
        0 -> wasm2beam_extism_state:delete_var(Key, Name);
        _ -> wasm2beam_extism_state:set_var(Key, Name, bytes(Key, Plugin, ValueHandle, <<"var value">>))
    end,
    wasm2beam_extism_kernel:free(Kernel, ValueHandle),
    wasm2beam_extism_kernel:free(Kernel, NameHandle).

-spec http_request(key(), handle(), handle()) -> handle().
http_request(Key, RequestHandle, BodyHandle) ->
    #plugin{kernel = Kernel, manifest = Manifest, running = Running, board = Board} =
        Plugin = wasm2beam_extism_state:fetch(Key),
    Request = bytes(Key, Plugin, RequestHandle, <<"http request">>),
    Body = bytes(Key, Plugin, BodyHandle, <<"http request body">>),
    wasm2beam_extism_kernel:free(Kernel, RequestHandle),
    wasm2beam_extism_kernel:free(Kernel, BodyHandle),
    wasm2beam_extism_state:update(Key, Plugin#plugin{http_status = 0, http_headers = #{}}),
    Deadline =
        case Running of
            {true, At} -> At;
            false -> infinity
        end,
    Started = fun(Pid) -> wasm2beam_extism_board:put_request(Board, Pid) end,
    Outcome = wasm2beam_extism_http:guest_request(Request, Body, Manifest, Deadline, Started),
    wasm2beam_extism_board:put_request(Board, none),
    case Outcome of
        {ok, Status, Headers, Answer} ->
            wasm2beam_extism_state:update(Key, Plugin#plugin{http_status = Status, http_headers = Headers}),
            wasm2beam_extism_state:put_block(Key, Kernel, Answer);
        {error, Reason} when Reason =:= timeout; Reason =:= cancelled ->
            wasm2beam_extism_state:abort(Key, Reason, atom_to_binary(Reason));
        {error, Message} ->
            wasm2beam_extism_state:abort(Key, host, Message)
    end.

-spec http_headers(key()) -> handle().
http_headers(Key) ->
    #plugin{kernel = Kernel, http_headers = Headers} = wasm2beam_extism_state:fetch(Key),
    wasm2beam_extism_state:put_block(Key, Kernel, wasm2beam_json:encode(Headers)).

-spec log(key(), wasm2beam_extism_log:guest_level(), handle()) -> ok.
log(Key, Level, Message) ->
    #plugin{kernel = Kernel, log_level = Setting} = Plugin = wasm2beam_extism_state:fetch(Key),
    wasm2beam_extism_log:write(Setting, Level, bytes(Key, Plugin, Message, <<"log message">>)),
    wasm2beam_extism_kernel:free(Kernel, Message).

bytes(Key, #plugin{kernel = Kernel}, Handle, What) ->
    case wasm2beam_extism_kernel:get(Kernel, Handle) of
        {ok, Bytes} ->
            Bytes;
        error ->
            Message = [<<"invalid handle offset for ">>, What, <<": ">>, integer_to_binary(Handle)],
            wasm2beam_extism_state:abort(Key, host, iolist_to_binary(Message))
    end.

name(Key, Plugin, Handle, What) ->
    Name = bytes(Key, Plugin, Handle, What),
    case unicode:characters_to_binary(Name) of
        Name -> Name;
        _ -> wasm2beam_extism_state:abort(Key, host, <<What/binary, " is no UTF-8">>)
    end.
