%% @doc The plug-in that has called a host function, as that function sees it: memory, variables, configuration, and the
%% context that the caller of the plug-in gave.
%%
%% What a guest has passed is checked: a handle that names no block ends the guest's call with an error, as does a block
%% or a variable for which there is no room. It is of use while the host function runs, in its process.
-module(wasm2beam_extism_current).

-include("wasm2beam_extism.hrl").

-export([new/1, context/1, config/2]).
-export([read/2, store/2, free/2, length/2, get_var/2, set_var/3, delete_var/2]).
-export([fail/2]).

-export_type([current/0]).

-opaque current() :: {?MODULE, wasm2beam_store:key()}.
-type handle() :: wasm2beam_extism_kernel:handle().

%% @private
-spec new(wasm2beam_store:key()) -> current().
new(Key) -> {?MODULE, Key}.

%% @doc What the caller of the plug-in gave to wasm2beam_extism:call/4; else `undefined'.
-spec context(current()) -> term().
context(Current) ->
    (plugin(Current))#plugin.context.

%% @doc A value of the configuration, or `none'.
-spec config(current(), binary()) -> binary() | none.
config(Current, Name) ->
    #plugin{manifest = #{config := Config}} = plugin(Current),
    maps:get(Name, Config, none).

%% @doc The bytes of a block; none for the null handle.
-spec read(current(), handle()) -> binary().
read({?MODULE, Key} = Current, Handle) ->
    case wasm2beam_extism_kernel:get(kernel(Current), Handle) of
        {ok, Bytes} ->
            Bytes;
        error ->
            Message = <<"invalid handle offset: ", (integer_to_binary(Handle))/binary>>,
            wasm2beam_extism_state:abort(Key, host, Message)
    end.

%% @doc A new block, whose handle may be returned to the guest.
-spec store(current(), iodata()) -> handle().
store({?MODULE, Key} = Current, Data) ->
    wasm2beam_extism_state:put_block(Key, kernel(Current), iolist_to_binary(Data)).

-spec free(current(), handle()) -> ok.
free(Current, Handle) ->
    wasm2beam_extism_kernel:free(kernel(Current), Handle).

%% @doc The length of a block; 0 for any other handle.
-spec length(current(), handle()) -> non_neg_integer().
length(Current, Handle) ->
    wasm2beam_extism_kernel:length(kernel(Current), Handle).

%% @doc A variable of the plug-in, or `none'.
-spec get_var(current(), binary()) -> binary() | none.
get_var(Current, Name) ->
    maps:get(Name, (plugin(Current))#plugin.vars, none).

-spec set_var(current(), binary(), iodata()) -> ok.
set_var({?MODULE, Key}, Name, Value) when is_binary(Name) ->
    wasm2beam_extism_state:set_var(Key, Name, iolist_to_binary(Value)).

-spec delete_var(current(), binary()) -> ok.
delete_var({?MODULE, Key}, Name) ->
    wasm2beam_extism_state:delete_var(Key, Name).

%% @doc Ends the guest's call with this error message.
-spec fail(current(), binary()) -> no_return().
fail({?MODULE, Key}, Message) when is_binary(Message) ->
    wasm2beam_extism_state:abort(Key, host, Message).

%% Internal

plugin({?MODULE, Key}) ->
    wasm2beam_extism_state:fetch(Key).

kernel(Current) ->
    (plugin(Current))#plugin.kernel.
