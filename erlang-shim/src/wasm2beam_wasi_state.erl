%% The state of a WASI environment: an entry of the process's store, changed by replacing it, and its file descriptors.
%%
%% A new descriptor gets the lowest free number, as in POSIX; there are never more than `max_descriptors'.
-module(wasm2beam_wasi_state).

-include("wasm2beam_wasi.hrl").

-export([current/1, update/2]).
-export([descriptor/2, capable/3, replace/3, keep_entries/3, add/2, check_room/1, remove/2, move/3, release/1]).

%% Entries of folders that all descriptors together keep.
-define(MAX_ENTRIES, 100000).

%% @doc The state behind a call. Only close/1 of wasm2beam_wasi takes it away, and calls after that are errors of use.
-spec current(#call{}) -> #wasi{}.
current(#call{key = Key}) ->
    case wasm2beam_store:find(Key) of
        {ok, Wasi} -> Wasi;
        error -> wasm2beam_error:raise({closed, wasi})
    end.

-spec update(#call{}, #wasi{}) -> ok.
update(#call{key = Key}, Wasi) ->
    wasm2beam_store:replace(Key, Wasi).

%% @doc The descriptor with this number; fails with `badf'.
-spec descriptor(#call{}, non_neg_integer()) -> #descriptor{}.
descriptor(Call, Number) ->
    case (current(Call))#wasi.descriptors of
        #{Number := Descriptor} -> Descriptor;
        #{} -> wasm2beam_wasi_errno:fail(badf)
    end.

%% @doc The descriptor with this number; fails with `badf', or with `notcapable' where it lacks one of the rights.
-spec capable(#call{}, non_neg_integer(), non_neg_integer()) -> #descriptor{}.
capable(Call, Number, Rights) ->
    #descriptor{rights = Has} = Descriptor = descriptor(Call, Number),
    Has band Rights =:= Rights orelse wasm2beam_wasi_errno:fail(notcapable),
    Descriptor.

-spec replace(#call{}, non_neg_integer(), #descriptor{}) -> ok.
replace(Call, Number, Descriptor) ->
    #wasi{descriptors = Descriptors} = Wasi = current(Call),
    update(Call, Wasi#wasi{descriptors = Descriptors#{Number := Descriptor}}).

%% @doc Keeps the entries of a folder with its descriptor. Where all descriptors would keep too many, only this one does.
-spec keep_entries(#call{}, non_neg_integer(), tuple()) -> ok.
keep_entries(Call, Number, Entries) ->
    #wasi{descriptors = Descriptors0} = Wasi = current(Call),
    Others = maps:values(maps:remove(Number, Descriptors0)),
    Kept = lists:sum([tuple_size(Other) || #descriptor{entries = Other} <- Others, is_tuple(Other)]),
    Descriptors =
        case Kept + tuple_size(Entries) > ?MAX_ENTRIES of
            true -> maps:map(fun(_, Descriptor) -> Descriptor#descriptor{entries = none} end, Descriptors0);
            false -> Descriptors0
        end,
    Own = maps:get(Number, Descriptors),
    update(Call, Wasi#wasi{descriptors = Descriptors#{Number := Own#descriptor{entries = Entries}}}).

%% @doc Gives a descriptor the lowest free number. The caller has called check_room/1.
-spec add(#call{}, #descriptor{}) -> non_neg_integer().
add(Call, Descriptor) ->
    #wasi{descriptors = Descriptors} = Wasi = current(Call),
    Number = lowest(0, Descriptors),
    update(Call, Wasi#wasi{descriptors = Descriptors#{Number => Descriptor}}),
    Number.

%% @doc Fails with `mfile' where no further descriptor is possible.
-spec check_room(#call{}) -> ok.
check_room(Call) ->
    #wasi{descriptors = Descriptors, max_descriptors = Max} = current(Call),
    case map_size(Descriptors) < Max of
        true -> ok;
        false -> wasm2beam_wasi_errno:fail(mfile)
    end.

%% @doc Takes a descriptor away and closes what is behind it; tells what the file system says of that.
-spec remove(#call{}, non_neg_integer()) -> ok | {error, term()}.
remove(Call, Number) ->
    #wasi{descriptors = Descriptors} = Wasi = current(Call),
    {Descriptor, Rest} = maps:take(Number, Descriptors),
    update(Call, Wasi#wasi{descriptors = Rest}),
    release(Descriptor).

%% @doc Gives a descriptor another number, whose own descriptor is closed. Both exist.
-spec move(#call{}, non_neg_integer(), non_neg_integer()) -> ok.
move(_Call, Number, Number) ->
    ok;
move(Call, From, To) ->
    _ = remove(Call, To),
    #wasi{descriptors = Descriptors} = Wasi = current(Call),
    {Descriptor, Rest} = maps:take(From, Descriptors),
    update(Call, Wasi#wasi{descriptors = Rest#{To => Descriptor}}).

%% @doc Closes what is behind a descriptor.
-spec release(#descriptor{}) -> ok | {error, term()}.
release(#descriptor{what = {file, Fs, File}}) -> wasm2beam_wasi_fs:close(Fs, File);
release(#descriptor{what = {stream, _, Stream}}) -> wasm2beam_wasi_stream:close(Stream);
release(#descriptor{what = {dir, _, _}}) -> ok.

%% Internal

lowest(Number, Descriptors) when is_map_key(Number, Descriptors) -> lowest(Number + 1, Descriptors);
lowest(Number, _Descriptors) -> Number.
