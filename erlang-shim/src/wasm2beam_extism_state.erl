%% The state of a plug-in, by its key in the store of its process, and the way out of a guest's call.
-module(wasm2beam_extism_state).

-include("wasm2beam_extism.hrl").

-export([fetch/1, update/2, abort/3, catch_abort/2]).
-export([set_var/3, delete_var/2, put_block/3]).

-type key() :: wasm2beam_store:key().
-type kind() :: host | out_of_memory | timeout | cancelled.

%% Of the bounds for variables, for each one besides its bytes; as in Extism.
-define(VAR_OVERHEAD, 48).

-spec fetch(key()) -> #plugin{}.
fetch(Key) ->
    {ok, Plugin} = wasm2beam_store:find(Key),
    Plugin.

-spec update(key(), #plugin{}) -> ok.
update(Key, Plugin) ->
    wasm2beam_store:replace(Key, Plugin).

%% @doc Ends the guest's call that runs, from a function of the host's. Wasm code cannot catch it.
-spec abort(key(), kind(), binary()) -> no_return().
abort(Key, Kind, Message) ->
    throw({?MODULE, Key, Kind, Message}).

%% @doc Calls Fun, which calls the guest.
-spec catch_abort(key(), fun(() -> Result)) -> {returned, Result} | {aborted, kind(), binary()}.
catch_abort(Key, Fun) ->
    try
        {returned, Fun()}
    catch
        throw:{?MODULE, Key, Kind, Message} -> {aborted, Kind, Message}
    end.

%% @doc Aborts where the variables would take more than the manifest allows.
-spec set_var(key(), binary(), binary()) -> ok.
set_var(Key, Name, Value) ->
    #plugin{vars = Vars, vars_bytes = Before, manifest = #{max_var_bytes := Max}} = Plugin = fetch(Key),
    Max > 0 orelse abort(Key, host, <<"Vars are disabled by this host">>),
    Bytes = Before - size(Name, Vars) + byte_size(Name) + byte_size(Value) + ?VAR_OVERHEAD,
    Bytes =< Max orelse abort(Key, host, <<"Variable store is full">>),
    update(Key, Plugin#plugin{vars = Vars#{Name => Value}, vars_bytes = Bytes}).

-spec delete_var(key(), binary()) -> ok.
delete_var(Key, Name) ->
    #plugin{vars = Vars, vars_bytes = Bytes} = Plugin = fetch(Key),
    update(Key, Plugin#plugin{vars = maps:remove(Name, Vars), vars_bytes = Bytes - size(Name, Vars)}).

%% @doc A new block with these bytes. Aborts where there is no room.
-spec put_block(key(), wasm2beam_extism_kernel:key(), binary()) -> wasm2beam_extism_kernel:handle().
put_block(Key, Kernel, Bytes) ->
    case wasm2beam_extism_kernel:put(Kernel, Bytes) of
        {ok, Handle} -> Handle;
        {error, out_of_memory} -> abort(Key, out_of_memory, <<"oom">>)
    end.

%% Internal

%% What a variable takes of the bounds; nothing where there is none of that name.
size(Name, Vars) ->
    case Vars of
        #{Name := Value} -> byte_size(Name) + byte_size(Value) + ?VAR_OVERHEAD;
        #{} -> 0
    end.
