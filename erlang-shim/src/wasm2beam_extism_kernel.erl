%% The memory that a plug-in and its host share: blocks, named by handles, and the registers input, output and error.
%%
%% A handle is the address of a block's first byte in a linear memory of the runtime's, so that a store costs no copy.
%% Which blocks there are is known here and not in the memory, where the guest could change it. Addresses are unsigned;
%% 0 is null. A load out of range gives 0, a store there is ignored. In range is what lies behind the null page and
%% inside the memory as it has grown so far; as in Extism's own kernel the end of a block is no border.
%% spec: the functions that `extism:host/env' has from the kernel
-module(wasm2beam_extism_kernel).

-export([new/1, close/1, reset/1, reset/2, pages/1, bytes/1]).
-export([alloc/2, free/2, length/2, put/2, get/2]).
-export([load_u8/2, load_u64/2, store_u8/3, store_u64/3]).
-export([set_input/3, input/1, input_length/1, input_load_u8/2, input_load_u64/2]).
-export([set_output/3, output/1, output_length/1, output_bytes/1, set_error/2, error/1]).

-export_type([key/0, handle/0]).

-type key() :: wasm2beam_store:key().
-type handle() :: non_neg_integer().

%% Below it every address is null.
-define(BASE, 64).
-define(PAGE, 65536).
-define(ALIGNMENT, 8).
%% Of the address space for each block besides its bytes: many small blocks cost the host memory, too.
-define(HEADER, 64).
%% What is left of a free block is a block of its own from so many bytes on.
-define(SPLIT, 128).
%% A larger memory is given up by a reset, a smaller one is cleared.
-define(KEPT_PAGES, 16).

-record(kernel, {
    memory :: wasm2beam_memory:mem(),
    bound :: wasm2beam_memory:bound(),
    position = ?BASE :: pos_integer(),
    %% Behind all blocks that there ever were since the last reset.
    used = ?BASE :: pos_integer(),
    %% Active blocks: size in the address space and length.
    blocks = #{} :: #{handle() => {pos_integer(), pos_integer()}},
    free = gb_sets:new() :: gb_sets:set({Size :: pos_integer(), handle()}),
    input = {0, 0} :: {handle(), Length :: non_neg_integer()},
    output = {0, 0} :: {handle(), Length :: non_neg_integer()},
    error = 0 :: handle()
}).

%% @doc A memory that may grow to so many pages of 64 KiB, or as far as a budget allows.
-spec new(wasm2beam_memory:bound()) -> key().
new(Bound) ->
    wasm2beam_cells_loader:ensure(),
    wasm2beam_store:new(#kernel{memory = memory(Bound), bound = Bound}).

-spec close(key()) -> ok.
close(Key) ->
    #kernel{memory = Memory} = state(Key),
    wasm2beam_store:release(wasm2beam_memory:key(Memory)),
    wasm2beam_store:release(Key).

%% @doc No blocks and no input, output or error, and zeros where blocks were.
-spec reset(key()) -> ok.
reset(Key) ->
    keep(Key, cleared(state(Key))).

%% @doc As reset/1, and then these bytes as a block that is the input.
-spec reset(key(), binary()) -> ok | {error, out_of_memory}.
reset(Key, Input) ->
    #kernel{memory = Memory} = Kernel = cleared(state(Key)),
    case Input =/= <<>> andalso appended(Kernel, byte_size(Input)) of
        false ->
            keep(Key, Kernel);
        {Handle, Appended} ->
            wasm2beam_memory:write(Memory, Handle, Input),
            keep(Key, Appended#kernel{input = {Handle, byte_size(Input)}});
        error ->
            keep(Key, Kernel),
            {error, out_of_memory}
    end.

%% @doc The present size of the memory.
-spec pages(key()) -> non_neg_integer().
pages(Key) ->
    wasm2beam_memory:pages((state(Key))#kernel.memory).

%% @doc The same in bytes.
-spec bytes(key()) -> non_neg_integer().
bytes(Key) ->
    room(state(Key)).

%% @doc A new block; null for no bytes. An error where the memory may not grow so far.
-spec alloc(key(), non_neg_integer()) -> {ok, handle()} | {error, out_of_memory}.
alloc(_Key, 0) ->
    {ok, 0};
alloc(Key, Length) ->
    #kernel{free = Free} = Kernel = state(Key),
    Size = size_of(Length),
    case gb_sets:next(gb_sets:iterator_from({Size, 0}, Free)) of
        {{Found, Handle}, _} ->
            {ok, reuse(Key, Kernel, Handle, Found, Size, Length)};
        none ->
            case appended(Kernel, Length) of
                {Handle, Appended} ->
                    keep(Key, Appended),
                    {ok, Handle};
                error ->
                    {error, out_of_memory}
            end
    end.

%% @doc Gives a block up. Any other address is ignored.
-spec free(key(), handle()) -> ok.
free(Key, Handle) ->
    #kernel{blocks = Blocks, free = Free, position = Position, input = Input} = Kernel0 = state(Key),
    case Blocks of
        #{Handle := {Size, _}} ->
            Kernel = Kernel0#kernel{blocks = maps:remove(Handle, Blocks), input = without(Handle, Input)},
            case Handle + Size of
                Position -> keep(Key, Kernel#kernel{position = Handle});
                _ -> keep(Key, Kernel#kernel{free = gb_sets:add({Size, Handle}, Free)})
            end;
        #{} ->
            ok
    end.

%% @doc The bytes of a block; 0 for any other address.
-spec length(key(), handle()) -> non_neg_integer().
length(Key, Handle) ->
    case (state(Key))#kernel.blocks of
        #{Handle := {_, Length}} -> Length;
        #{} -> 0
    end.

%% @doc A new block with these bytes.
-spec put(key(), binary()) -> {ok, handle()} | {error, out_of_memory}.
put(Key, Bytes) ->
    case alloc(Key, byte_size(Bytes)) of
        {ok, 0} ->
            {ok, 0};
        {ok, Handle} ->
            wasm2beam_memory:write((state(Key))#kernel.memory, Handle, Bytes),
            {ok, Handle};
        {error, out_of_memory} = Error ->
            Error
    end.

%% @doc What a block holds; nothing for null, an error for any other address.
-spec get(key(), handle()) -> {ok, binary()} | error.
get(_Key, 0) ->
    {ok, <<>>};
get(Key, Handle) ->
    #kernel{blocks = Blocks, memory = Memory} = state(Key),
    case Blocks of
        #{Handle := {_, Length}} -> {ok, wasm2beam_memory:read(Memory, Handle, Length)};
        #{} -> error
    end.

-spec load_u8(key(), non_neg_integer()) -> byte().
load_u8(Key, Address) ->
    #kernel{memory = Memory} = Kernel = state(Key),
    case within(Kernel, Address, 1) of
        true -> wasm2beam_cells:load8_u(Address, wasm2beam_memory:root(Memory), Memory);
        false -> 0
    end.

-spec load_u64(key(), non_neg_integer()) -> 0..16#FFFFFFFFFFFFFFFF.
load_u64(Key, Address) ->
    Kernel = state(Key),
    case within(Kernel, Address, 8) of
        true -> load_words(Kernel, Address);
        false -> 0
    end.

-spec store_u8(key(), non_neg_integer(), byte()) -> ok.
store_u8(Key, Address, Byte) ->
    #kernel{memory = Memory} = Kernel = state(Key),
    case within(Kernel, Address, 1) of
        true ->
            _ = wasm2beam_cells:store8(wasm2beam_memory:root(Memory), Address, Byte, Memory),
            ok;
        false ->
            ok
    end.

%% @doc The low 64 bits of Value.
-spec store_u64(key(), non_neg_integer(), integer()) -> ok.
store_u64(Key, Address, Value) ->
    #kernel{memory = Memory} = Kernel = state(Key),
    case within(Kernel, Address, 8) of
        true ->
            Low = Value band 16#FFFFFFFF,
            High = (Value bsr 32) band 16#FFFFFFFF,
            _ = wasm2beam_cells:store64(wasm2beam_memory:root(Memory), Address, High, Low, Memory),
            ok;
        false ->
            ok
    end.

%% @doc The range that is the input. Ignored unless it is in range.
-spec set_input(key(), handle(), non_neg_integer()) -> ok.
set_input(Key, Address, Length) ->
    Kernel = state(Key),
    case within(Kernel, Address, Length) of
        true -> keep(Key, Kernel#kernel{input = {Address, Length}});
        false -> ok
    end.

-spec input(key()) -> handle().
input(Key) ->
    element(1, (state(Key))#kernel.input).

-spec input_length(key()) -> non_neg_integer().
input_length(Key) ->
    element(2, (state(Key))#kernel.input).

%% @doc A byte of the input, by its offset there; 0 behind its end.
-spec input_load_u8(key(), non_neg_integer()) -> byte().
input_load_u8(Key, Offset) ->
    #kernel{memory = Memory, input = {Input, Length}} = state(Key),
    case Offset < Length of
        true -> wasm2beam_cells:load8_u(Input + Offset, wasm2beam_memory:root(Memory), Memory);
        false -> 0
    end.

%% @doc Eight bytes of the input; 0 where they are not all in it.
-spec input_load_u64(key(), non_neg_integer()) -> 0..16#FFFFFFFFFFFFFFFF.
input_load_u64(Key, Offset) ->
    #kernel{input = {Input, Length}} = Kernel = state(Key),
    case Offset + 8 =< Length of
        true -> load_words(Kernel, Input + Offset);
        false -> 0
    end.

%% @doc The range that is the output. Ignored unless it is in range.
-spec set_output(key(), handle(), non_neg_integer()) -> ok.
set_output(Key, Address, Length) ->
    Kernel = state(Key),
    case within(Kernel, Address, Length) of
        true -> keep(Key, Kernel#kernel{output = {Address, Length}});
        false -> ok
    end.

-spec output(key()) -> handle().
output(Key) ->
    element(1, (state(Key))#kernel.output).

-spec output_length(key()) -> non_neg_integer().
output_length(Key) ->
    element(2, (state(Key))#kernel.output).

-spec output_bytes(key()) -> binary().
output_bytes(Key) ->
    case state(Key) of
        #kernel{output = {_, 0}} -> <<>>;
        #kernel{output = {Address, Length}, memory = Memory} -> wasm2beam_memory:read(Memory, Address, Length)
    end.

%% @doc The block with the error message; null for none. Ignored where it is out of range.
-spec set_error(key(), handle()) -> ok.
set_error(Key, Handle) ->
    Kernel = state(Key),
    case Handle =:= 0 orelse within(Kernel, Handle, 1) of
        true -> keep(Key, Kernel#kernel{error = Handle});
        false -> ok
    end.

-spec error(key()) -> handle().
error(Key) ->
    (state(Key))#kernel.error.

%% Internal

state(Key) ->
    {ok, Kernel} = wasm2beam_store:find(Key),
    Kernel.

keep(Key, Kernel) ->
    wasm2beam_store:replace(Key, Kernel).

%% The first leaf is made at once: small inputs are written there call by call, which as pieces of a leaf not yet made
%% would be put together over and over.
memory(Bound) ->
    case room_for_first(Bound) of
        false ->
            wasm2beam_memory:new(0, none, Bound);
        true ->
            Memory = wasm2beam_memory:new(1, none, Bound),
            _ = wasm2beam_memory:load(Memory, ?BASE, 4),
            Memory
    end.

room_for_first(Limit) when is_integer(Limit) -> Limit > 0;
room_for_first(Budget) -> wasm2beam_budget:left(Budget) > 0.

cleared(#kernel{memory = Memory, bound = Bound, used = Used}) ->
    case wasm2beam_memory:pages(Memory) of
        Pages when Pages > ?KEPT_PAGES ->
            wasm2beam_store:release(wasm2beam_memory:key(Memory)),
            is_integer(Bound) orelse wasm2beam_budget:give(Bound, Pages),
            #kernel{memory = memory(Bound), bound = Bound};
        _ ->
            Used > ?BASE andalso wasm2beam_memory:fill(Memory, ?BASE, 0, Used - ?BASE),
            #kernel{memory = Memory, bound = Bound}
    end.

%% Of the address space, for a block of so many bytes.
size_of(Length) ->
    (Length + ?HEADER + ?ALIGNMENT - 1) band (bnot (?ALIGNMENT - 1)).

room(#kernel{memory = Memory}) ->
    wasm2beam_memory:pages(Memory) * ?PAGE.

within(Kernel, Address, Length) ->
    Address >= ?BASE andalso Address + Length =< room(Kernel).

load_words(#kernel{memory = Memory}, Address) ->
    Root = wasm2beam_memory:root(Memory),
    Low = wasm2beam_cells:load32(Address, Root, Memory),
    Low bor (wasm2beam_cells:load32(Address + 4, Root, Memory) bsl 32).

%% The input is gone with its block.
without(Handle, {Handle, _}) -> {Handle, 0};
without(_Handle, Input) -> Input.

reuse(Key, #kernel{blocks = Blocks, free = Free0} = Kernel, Handle, Found, Size, Length) ->
    Free = gb_sets:delete({Found, Handle}, Free0),
    case Found - Size of
        Rest when Rest >= ?SPLIT ->
            keep(Key, Kernel#kernel{
                blocks = Blocks#{Handle => {Size, Length}}, free = gb_sets:add({Rest, Handle + Size}, Free)
            });
        _ ->
            keep(Key, Kernel#kernel{blocks = Blocks#{Handle => {Found, Length}}, free = Free})
    end,
    Handle.

%% With a further block behind all others.
appended(#kernel{blocks = Blocks, position = Position, used = Used, memory = Memory} = Kernel, Length) ->
    Size = size_of(Length),
    End = Position + Size,
    case End =< room(Kernel) orelse grow(Memory, End) of
        true ->
            Active = Blocks#{Position => {Size, Length}},
            {Position, Kernel#kernel{blocks = Active, position = End, used = max(Used, End)}};
        false ->
            error
    end.

grow(Memory, End) ->
    wasm2beam_memory:grow(Memory, (End + ?PAGE - 1) div ?PAGE - wasm2beam_memory:pages(Memory)) =/= 16#FFFFFFFF.
