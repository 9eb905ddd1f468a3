%% What plug-ins log goes to OTP's logger, in the domain `[wasm2beam, extism]'.
%%
%% Which levels are logged says the plug-in's level, `logger' leaves it to the logger. Logger knows no `trace': such
%% events have the level debug there, and `extism_level => trace' in their metadata like all others theirs.
-module(wasm2beam_extism_log).

-export([is_level/1, number/1, write/3]).

-export_type([level/0, guest_level/0]).

-type guest_level() :: trace | debug | info | warn | error.
-type level() :: logger | off | guest_level().

-define(LEVELS, [trace, debug, info, warn, error]).
%% Of one event; the rest is cut off.
-define(MAX_BYTES, 65536).

-spec is_level(term()) -> boolean().
is_level(Level) -> lists:member(Level, [logger, off | ?LEVELS]).

%% @doc The lowest level that is logged, as get_log_level gives it: 0 for trace to 4 for error, 2^31-1 for none.
-spec number(level()) -> 0..16#7FFFFFFF.
number(Setting) ->
    case [Number || {Number, Level} <- lists:enumerate(0, ?LEVELS), is_logged(Level, Setting)] of
        [Lowest | _] -> Lowest;
        [] -> 16#7FFFFFFF
    end.

%% @doc Logs a guest's message, which may be any bytes.
-spec write(level(), guest_level(), binary()) -> ok.
write(Setting, Level, Message) ->
    case is_logged(Level, Setting) of
        true ->
            Metadata = #{domain => [wasm2beam, extism], extism_level => Level},
            logger:log(logger_level(Level), "~ts", [text(Message)], Metadata);
        false ->
            ok
    end.

%% Internal

is_logged(Level, logger) -> logger:allow(logger_level(Level), ?MODULE);
is_logged(_Level, off) -> false;
is_logged(Level, Setting) -> place(Level) >= place(Setting).

place(trace) -> 0;
place(debug) -> 1;
place(info) -> 2;
place(warn) -> 3;
place(error) -> 4.

logger_level(trace) -> debug;
logger_level(warn) -> warning;
logger_level(Level) -> Level.

%% What is no UTF-8 is shown byte by byte.
text(Message) ->
    Part = binary:part(Message, 0, min(byte_size(Message), ?MAX_BYTES)),
    case unicode:characters_to_binary(Part) of
        Text when is_binary(Text) -> Text;
        {incomplete, Text, _} when byte_size(Part) < byte_size(Message) -> Text;
        _ -> unicode:characters_to_binary(Part, latin1)
    end.
