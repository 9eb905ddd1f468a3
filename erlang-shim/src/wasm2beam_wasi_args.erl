%% Arguments and environment: args_get, args_sizes_get, environ_get, environ_sizes_get.
-module(wasm2beam_wasi_args).

-include("wasm2beam_wasi.hrl").

-export([args_get/3, args_sizes_get/3, environ_get/3, environ_sizes_get/3]).

%% @doc Writes the arguments, each with a NUL behind it, and pointers to them.
-spec args_get(#call{}, wasm2beam_wasi_guest:pointer(), wasm2beam_wasi_guest:pointer()) -> ok.
args_get(Call, Pointers, Buffer) ->
    give(Call, (wasm2beam_wasi_state:current(Call))#wasi.arguments, Pointers, Buffer).

%% @doc Writes the number of arguments and the bytes that they need.
-spec args_sizes_get(#call{}, wasm2beam_wasi_guest:pointer(), wasm2beam_wasi_guest:pointer()) -> ok.
args_sizes_get(Call, Count, Size) ->
    give_sizes(Call, (wasm2beam_wasi_state:current(Call))#wasi.arguments, Count, Size).

%% @doc As args_get/3 for the environment, each entry `NAME=VALUE'.
-spec environ_get(#call{}, wasm2beam_wasi_guest:pointer(), wasm2beam_wasi_guest:pointer()) -> ok.
environ_get(Call, Pointers, Buffer) ->
    give(Call, (wasm2beam_wasi_state:current(Call))#wasi.environment, Pointers, Buffer).

-spec environ_sizes_get(#call{}, wasm2beam_wasi_guest:pointer(), wasm2beam_wasi_guest:pointer()) -> ok.
environ_sizes_get(Call, Count, Size) ->
    give_sizes(Call, (wasm2beam_wasi_state:current(Call))#wasi.environment, Count, Size).

%% Internal

give(Call, Texts, Pointers, Buffer) ->
    Bytes = << <<Text/binary, 0>> || Text <- Texts >>,
    {Starts, _} = lists:mapfoldl(fun(Text, At) -> {<<At:32/little>>, At + byte_size(Text) + 1} end, Buffer, Texts),
    Array = iolist_to_binary(Starts),
    wasm2beam_wasi_guest:check(Call, Pointers, byte_size(Array)),
    wasm2beam_wasi_guest:write(Call, Buffer, Bytes),
    wasm2beam_wasi_guest:write(Call, Pointers, Array).

give_sizes(Call, Texts, Count, Size) ->
    wasm2beam_wasi_guest:check(Call, Count, 4),
    wasm2beam_wasi_guest:write_u32(Call, Size, lists:sum([byte_size(Text) + 1 || Text <- Texts])),
    wasm2beam_wasi_guest:write_u32(Call, Count, length(Texts)).
