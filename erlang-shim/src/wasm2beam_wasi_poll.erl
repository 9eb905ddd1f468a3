%% poll_oneoff: waits for the first of clocks and descriptors.
%%
%% Files and most streams are always ready; input of the operating system that arrives as messages is waited for. A
%% subscription that is wrong gives an event with its error code, not an error of the call. A guest that was compiled with
%% fuel waits no longer than its time, or until it is cancelled.
-module(wasm2beam_wasi_poll).

-include("wasm2beam_wasi.hrl").

-export([poll_oneoff/5]).

-type pointer() :: wasm2beam_wasi_guest:pointer().

-define(MAX_SUBSCRIPTIONS, 4096).
-define(EVENT, 32).
-define(MILLISECOND, 1000000).
%% Milliseconds between two looks where several things are waited for, and where the guest may be stopped meanwhile.
-define(SLICE, 10).
-define(GUEST_SLICE, 20).
%% The last moment that a clock can show.
-define(LATEST, 16#FFFFFFFFFFFFFFFF).
%% The longest that `receive' waits.
-define(LONGEST, 16#FFFFFFFF).

%% @doc Writes the events and their number. Fails with `inval' for no subscription, or more than 4,096, and `fault'.
-spec poll_oneoff(#call{}, pointer(), pointer(), non_neg_integer(), pointer()) -> ok.
poll_oneoff(_Call, _In, _Out, Count, _Result) when Count =:= 0; Count > ?MAX_SUBSCRIPTIONS ->
    wasm2beam_wasi_errno:fail(inval);
poll_oneoff(Call, In, Out, Count, Result) ->
    Bytes = wasm2beam_wasi_guest:read(Call, In, Count * subscription_size(Call)),
    wasm2beam_wasi_guest:check(Call, Out, Count * ?EVENT),
    wasm2beam_wasi_guest:check(Call, Result, 4),
    Waiting = [waiting(Call, Subscription) || Subscription <- subscriptions(Call, Bytes)],
    Events = wait(Call, Waiting),
    wasm2beam_wasi_guest:write(Call, Out, iolist_to_binary(Events)),
    wasm2beam_wasi_guest:write_u32(Call, Result, length(Events)).

%% Internal

subscription_size(#call{version = preview1}) -> 48;
subscription_size(#call{version = unstable}) -> 56.

subscriptions(#call{version = preview1}, Bytes) ->
    [{UserData, Tag, Content} || <<UserData:64/little, Tag, _:56, Content:32/binary>> <= Bytes];
subscriptions(#call{version = unstable}, Bytes) ->
    [{UserData, Tag, older(Tag, Content)} || <<UserData:64/little, Tag, _:56, Content:40/binary>> <= Bytes].

%% The older version gives clocks an identifier.
older(0, <<_Identifier:64, Content:32/binary>>) -> Content;
older(_, <<Content:32/binary, _:64>>) -> Content.

%% What a subscription waits for: a time of a clock, a stream, or nothing more, being ready.
waiting(Call, {UserData, Tag, Content}) ->
    try
        {UserData, Tag, subject(Call, Tag, Content)}
    catch
        throw:{wasi_errno, Errno} -> {UserData, Tag, {ready, Errno, 0}}
    end.

subject(Call, 0, <<Id:32/little, _:32, Timeout:64/little, _Precision:64, Flags:16/little, _:48>>) ->
    Name = wasm2beam_wasi_clock:name(Id),
    case Flags of
        0 -> {clock, Name, min(wasm2beam_wasi_clock:now(Call, Name) + Timeout, ?LATEST)};
        1 -> {clock, Name, Timeout};
        _ -> wasm2beam_wasi_errno:fail(inval)
    end;
subject(Call, Tag, <<Fd:32/little, _/binary>>) when Tag =:= 1; Tag =:= 2 ->
    case {Tag, wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_POLL_FD_READWRITE)} of
        {1, #descriptor{what = {stream, in, Stream}}} -> {stream, Stream};
        {1, #descriptor{what = {file, Fs, File}, offset = Offset}} -> {ready, none, left(Fs, File, Offset)};
        {2, #descriptor{what = {stream, in, _}}} -> wasm2beam_wasi_errno:fail(badf);
        {1, #descriptor{what = {stream, out, _}}} -> wasm2beam_wasi_errno:fail(badf);
        {2, _} -> {ready, none, 0}
    end;
subject(_Call, _Tag, _Content) ->
    wasm2beam_wasi_errno:fail(inval).

left(Fs, File, Offset) ->
    #{size := Size} = wasm2beam_wasi_fs:file_stat(Fs, File),
    max(0, Size - Offset).

wait(Call, Waiting) ->
    case lists:append([events(Call, Each) || Each <- Waiting]) of
        [] ->
            sleep(Call, Waiting),
            %% The guest traps as soon as it goes on.
            wasm2beam_fuel:is_over(Call#call.instance) andalso wasm2beam_wasi_errno:fail(intr),
            wait(Call, Waiting);
        Events ->
            Events
    end.

events(_Call, {UserData, Tag, {ready, Errno, Bytes}}) ->
    [event(UserData, Errno, Tag, Bytes)];
events(_Call, {UserData, Tag, {stream, Stream}}) ->
    case wasm2beam_wasi_stream:ready(Stream, 0) of
        true -> [event(UserData, none, Tag, 1)];
        false -> []
    end;
events(Call, {UserData, Tag, {clock, Name, Time}}) ->
    case wasm2beam_wasi_clock:now(Call, Name) >= Time of
        true -> [event(UserData, none, Tag, 0)];
        false -> []
    end.

event(UserData, none, Tag, Bytes) ->
    <<UserData:64/little, 0:16, Tag, 0:40, Bytes:64/little, 0:64>>;
event(UserData, Errno, Tag, Bytes) ->
    <<UserData:64/little, (wasm2beam_wasi_errno:code(Errno)):16/little, Tag, 0:40, Bytes:64/little, 0:64>>.

%% Until the first of the clocks, but in slices where input is waited for too.
sleep(Call, Waiting) ->
    Left = [Time - wasm2beam_wasi_clock:now(Call, Name) || {_, _, {clock, Name, Time}} <- Waiting],
    Streams = [Stream || {_, _, {stream, Stream}} <- Waiting],
    Nanoseconds = lists:min([?LONGEST * ?MILLISECOND | Left]),
    case Streams of
        [] ->
            pause(Call, (wasm2beam_wasi_state:current(Call))#wasi.sleep, max(0, Nanoseconds));
        [Stream | _] ->
            _ = wasm2beam_wasi_stream:ready(Stream, min(?SLICE, milliseconds(Nanoseconds))),
            ok
    end.

pause(#call{instance = Instance}, system, Nanoseconds) ->
    Longest =
        case wasm2beam_fuel:is_metered(wasm2beam_instance:info(wasm2beam_instance:module(Instance))) of
            true -> ?GUEST_SLICE;
            false -> ?LONGEST
        end,
    receive
    after min(milliseconds(Nanoseconds), Longest) -> ok
    end;
pause(_Call, Sleep, Nanoseconds) ->
    Sleep(Nanoseconds).

milliseconds(Nanoseconds) ->
    max(0, (Nanoseconds + ?MILLISECOND - 1) div ?MILLISECOND).
