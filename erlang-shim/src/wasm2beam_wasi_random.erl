%% Randomness: random_get.
%%
%% `system' is a generator fit for keys: that of crypto, or of the operating system where the node has no crypto.
%% `{seed, Integer}' repeats itself from run to run; a fun from a length to bytes is the embedder's own.
-module(wasm2beam_wasi_random).

-include("wasm2beam_wasi.hrl").

-export([new/1, random_get/3]).

-export_type([random/0]).

-type random() :: system | {seed, rand:state()} | fun((pos_integer()) -> binary()).

-define(CHUNK, 65536).

%% @doc The source for an option; raises `{wasm_error, {bad_option, random, _}}'.
-spec new(term()) -> random().
new(system) -> system;
new({seed, Seed}) when is_integer(Seed) -> {seed, rand:seed_s(exsss, Seed)};
new(Fun) when is_function(Fun, 1) -> Fun;
new(Other) -> wasm2beam_error:raise({bad_option, random, Other}).

%% @doc Fills Length bytes. Fails with `fault', and with `io' where there is no source.
-spec random_get(#call{}, wasm2beam_wasi_guest:pointer(), non_neg_integer()) -> ok.
random_get(Call, Pointer, Length) ->
    wasm2beam_wasi_guest:check(Call, Pointer, Length),
    fill(Call, Pointer, Length).

%% Internal

fill(_Call, _Pointer, 0) ->
    ok;
fill(Call, Pointer, Length) ->
    Count = min(Length, ?CHUNK),
    #wasi{random = Random0} = Wasi = wasm2beam_wasi_state:current(Call),
    {Bytes, Random} = bytes(Random0, Count),
    wasm2beam_wasi_state:update(Call, Wasi#wasi{random = Random}),
    wasm2beam_wasi_guest:write(Call, Pointer, Bytes),
    fill(Call, Pointer + Count, Length - Count).

bytes(system, Count) ->
    {system_bytes(Count), system};
bytes({seed, State0}, Count) ->
    {Bytes, State} = rand:bytes_s(Count, State0),
    {Bytes, {seed, State}};
bytes(Fun, Count) ->
    case Fun(Count) of
        Bytes when byte_size(Bytes) =:= Count -> {Bytes, Fun};
        _ -> wasm2beam_wasi_errno:fail(io)
    end.

system_bytes(Count) ->
    case code:ensure_loaded(crypto) of
        {module, crypto} -> crypto:strong_rand_bytes(Count);
        {error, _} -> device_bytes(Count)
    end.

device_bytes(Count) ->
    case file:open("/dev/urandom", [read, raw, binary]) of
        {ok, File} ->
            Result = file:read(File, Count),
            _ = file:close(File),
            case Result of
                {ok, Bytes} when byte_size(Bytes) =:= Count -> Bytes;
                _ -> wasm2beam_wasi_errno:fail(io)
            end;
        {error, _} ->
            wasm2beam_wasi_errno:fail(io)
    end.
