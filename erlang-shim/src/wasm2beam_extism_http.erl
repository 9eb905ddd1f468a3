%% HTTP for plug-ins, by OTP's httpc: hosts that are allowed, verified TLS, bounds of size and time.
%%
%% A request runs in a process of its own, which ends with the caller, so that no message of httpc's reaches the
%% caller's mailbox. Redirections are followed here and not by httpc, because each host on the way has to be allowed.
-module(wasm2beam_extism_http).

-export([guest_request/4, request/4]).

-export_type([deadline/0]).

%% In milliseconds of the monotonic time.
-type deadline() :: infinity | integer().
-type answer() ::
    {ok, Status :: pos_integer(), Headers :: #{binary() => binary()}, Body :: binary()} | {error, timeout | binary()}.

-define(REQUEST_LIMITS, #{max_bytes => 16#100000, max_depth => 4}).
-define(MAX_REDIRECTIONS, 5).
%% Where the caller sets no limit. A plug-in's call need not end, but a server that is silent must not hold it for ever.
-define(PATIENCE, 60000).
%% Not passed on to another host.
-define(SECRETS, [<<"authorization">>, <<"cookie">>, <<"proxy-authorization">>]).

%% @doc What a guest asks for, as JSON: done if the manifest allows its host.
-spec guest_request(binary(), binary(), wasm2beam_extism_manifest:manifest(), deadline()) -> answer().
guest_request(Json, Body, #{allowed_hosts := Hosts, max_http_response_bytes := MaxBytes}, Deadline) ->
    case parse(Json) of
        {ok, Request} ->
            IsAllowed = fun(Host) -> lists:any(fun(Each) -> wasm2beam_extism_glob:matches(Host, Each) end, Hosts) end,
            run(Request, Body, MaxBytes, Deadline, IsAllowed);
        {error, _} = Error ->
            Error
    end.

%% @doc A request of the embedder's, to any host.
-spec request(wasm2beam_extism_manifest:request(), binary(), non_neg_integer(), deadline()) -> answer().
request(Request, Body, MaxBytes, Deadline) ->
    run(Request, Body, MaxBytes, Deadline, fun(_Host) -> true end).

%% Internal

-spec fail(timeout | iodata()) -> no_return().
fail(timeout) -> throw({?MODULE, timeout});
fail(Message) -> throw({?MODULE, unicode:characters_to_binary(Message)}).

parse(Json) ->
    case wasm2beam_json:decode(Json, ?REQUEST_LIMITS) of
        {ok, Value} -> wasm2beam_extism_manifest:request(Value);
        {error, Error} -> {error, wasm2beam_json:format_error(Error)}
    end.

run(Request, Body, MaxBytes, Deadline, IsAllowed) ->
    try
        start(),
        follow(Request, Body, MaxBytes, soonest(Deadline), IsAllowed, ?MAX_REDIRECTIONS)
    catch
        throw:{?MODULE, Reason} -> {error, Reason}
    end.

start() ->
    lists:foreach(
        fun(Application) ->
            case application:ensure_all_started(Application) of
                {ok, _} -> ok;
                {error, _} -> fail(["no HTTP without the application ", atom_to_list(Application)])
            end
        end,
        [inets, ssl]
    ).

soonest(infinity) -> erlang:monotonic_time(millisecond) + ?PATIENCE;
soonest(Deadline) -> Deadline.

follow(#{url := Url, method := Method, headers := Headers} = Request, Body, MaxBytes, Deadline, IsAllowed, Left) ->
    Target = #{host := Host} = target(Url),
    IsAllowed(Host) orelse fail(["HTTP request to ", Url, " is not allowed"]),
    Call = httpc_request(Target, method(Method), Headers, Body),
    {ok, Status, AnswerHeaders, _} = Answer = in_process(Call, MaxBytes, Deadline, options(Target, Deadline)),
    case {redirected(Status, Method), AnswerHeaders} of
        {none, _} ->
            Answer;
        {Next, #{<<"location">> := Location}} when Left > 0 ->
            To = resolved(Location, Target),
            #{host := NextHost} = target(To),
            Kept =
                case NextHost of
                    Host -> Headers;
                    _ -> maps:filter(fun(Name, _) -> not lists:member(string:lowercase(Name), ?SECRETS) end, Headers)
                end,
            NextBody =
                case Next of
                    Method -> Body;
                    _ -> <<>>
                end,
            Following = Request#{url := To, method := Next, headers := Kept},
            follow(Following, NextBody, MaxBytes, Deadline, IsAllowed, Left - 1);
        {_, #{<<"location">> := _}} ->
            fail(["too many redirections from ", Url]);
        {_, _} ->
            Answer
    end.

%% The method for where a redirection leads. spec: RFC 9110, 15.4
redirected(Status, Method) when Status =:= 307; Status =:= 308 -> Method;
redirected(303, <<"HEAD">>) -> <<"HEAD">>;
redirected(303, _) -> <<"GET">>;
redirected(Status, <<"POST">>) when Status =:= 301; Status =:= 302 -> <<"GET">>;
redirected(Status, Method) when Status =:= 301; Status =:= 302 -> Method;
redirected(_, _) -> none.

%% The parts of a URL, taken apart once: what is checked and what httpc gets are made of the same.
target(Url) ->
    case uri_string:parse(Url) of
        #{scheme := Scheme, host := Host, path := Path} = Parts when Host =/= <<>> ->
            Lower = string:lowercase(Scheme),
            lists:member(Lower, [<<"http">>, <<"https">>]) orelse fail(["Invalid URL: ", shown(Url)]),
            is_host(Host) andalso is_printable(Url) orelse fail(["Invalid URL: ", shown(Url)]),
            Kept = maps:with([port, query], Parts),
            Kept#{scheme => Lower, host => string:lowercase(Host), path => Path};
        _ ->
            fail(["Invalid URL: ", shown(Url)])
    end.

resolved(Location, Target) ->
    case uri_string:resolve(Location, uri_string:recompose(Target)) of
        Url when is_binary(Url) -> Url;
        _ -> fail("a redirection to an invalid URL")
    end.

shown(Url) -> string:slice(Url, 0, 200).

%% Names and addresses; anything else might be read in several ways.
is_host(Host) ->
    match =:= re:run(Host, "^[-._a-zA-Z0-9]+$|^[0-9a-fA-F:.]+$", [{capture, none}, dollar_endonly]).

is_printable(Url) ->
    lists:all(fun(C) -> C > $\s andalso C < 16#7F end, binary_to_list(Url)).

%% httpc has atoms for methods.
method(<<"GET">>) -> get;
method(<<"HEAD">>) -> head;
method(<<"POST">>) -> post;
method(<<"PUT">>) -> put;
method(<<"PATCH">>) -> patch;
method(<<"DELETE">>) -> delete;
method(<<"OPTIONS">>) -> options;
method(<<"TRACE">>) -> trace;
method(Method) -> fail(["HTTP method ", shown(Method), " is not supported"]).

httpc_request(Target, Method, Headers, Body) ->
    Url = binary_to_list(uri_string:recompose(Target)),
    Pairs = [{string:lowercase(header_name(Name)), header_value(Value)} || {Name, Value} <- maps:to_list(Headers)],
    case lists:member(Method, [post, put, patch, delete]) of
        true ->
            Type = proplists:get_value("content-type", Pairs, "application/octet-stream"),
            {Method, {Url, lists:keydelete("content-type", 1, Pairs), Type, Body}};
        false when Body =:= <<>> ->
            {Method, {Url, Pairs}};
        false ->
            fail("an HTTP request of this method has no body")
    end.

%% A line end would let a guest write headers and requests of its own.
header_name(Name) ->
    match =:= re:run(Name, "^[-!#$%&'*+.^_`|~0-9a-zA-Z]+$", [{capture, none}, dollar_endonly]) orelse
        fail("invalid name of an HTTP header"),
    binary_to_list(Name).

header_value(Value) ->
    lists:all(fun(C) -> C >= $\s andalso C =/= 16#7F orelse C =:= $\t end, binary_to_list(Value)) orelse
        fail("invalid value of an HTTP header"),
    binary_to_list(Value).

options(#{scheme := <<"http">>}, Deadline) ->
    [{autoredirect, false}, {timeout, remaining(Deadline)}];
options(#{scheme := <<"https">>} = Target, Deadline) ->
    Tls =
        try
            httpc:ssl_verify_host_options(true)
        catch
            _:_ -> fail("no HTTPS without the certificates of the operating system")
        end,
    [{ssl, Tls} | options(Target#{scheme := <<"http">>}, Deadline)].

remaining(Deadline) ->
    case Deadline - erlang:monotonic_time(millisecond) of
        Left when Left > 0 -> Left;
        _ -> fail(timeout)
    end.

in_process(Call, MaxBytes, Deadline, Options) ->
    Caller = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        CallerMonitor = monitor(process, Caller),
        exit({?MODULE, perform(Call, MaxBytes, Deadline, Options, CallerMonitor)})
    end),
    receive
        {'DOWN', Monitor, process, Pid, {?MODULE, {error, Reason}}} -> fail(Reason);
        {'DOWN', Monitor, process, Pid, {?MODULE, Answer}} -> Answer;
        {'DOWN', Monitor, process, Pid, _} -> fail("the HTTP request failed")
    end.

%% Bodies of good answers come in pieces, so that one that is too large is never held; httpc keeps others in one.
perform({Method, Request}, MaxBytes, Deadline, Options, Caller) ->
    Streaming = [{sync, false}, {stream, {self, once}}, {body_format, binary}],
    case httpc:request(Method, Request, Options, Streaming) of
        {ok, Id} -> await(Id, MaxBytes, Deadline, Caller);
        {error, Reason} -> {error, words(Reason)}
    end.

await(Id, MaxBytes, Deadline, Caller) ->
    receive
        {http, {Id, stream_start, Headers, Pid}} ->
            stream(Id, Pid, header_map(Headers), MaxBytes, Deadline, Caller, {0, []});
        {http, {Id, {{_, Status, _}, Headers, Body}}} when byte_size(Body) =< MaxBytes ->
            {ok, Status, header_map(Headers), Body};
        {http, {Id, {{_, _, _}, _, _}}} ->
            too_large(MaxBytes);
        {http, {Id, {error, timeout}}} ->
            {error, timeout};
        {http, {Id, {error, Reason}}} ->
            {error, words(Reason)};
        {'DOWN', Caller, process, _, _} ->
            httpc:cancel_request(Id)
    after max(0, Deadline - erlang:monotonic_time(millisecond)) ->
        httpc:cancel_request(Id),
        {error, timeout}
    end.

stream(Id, Pid, Headers, MaxBytes, Deadline, Caller, {Size, Parts}) ->
    httpc:stream_next(Pid),
    receive
        {http, {Id, stream, Part}} when Size + byte_size(Part) =< MaxBytes ->
            stream(Id, Pid, Headers, MaxBytes, Deadline, Caller, {Size + byte_size(Part), [Part | Parts]});
        {http, {Id, stream, _}} ->
            httpc:cancel_request(Id),
            too_large(MaxBytes);
        {http, {Id, stream_end, _}} ->
            {ok, status(Headers), Headers, iolist_to_binary(lists:reverse(Parts))};
        {http, {Id, {error, timeout}}} ->
            {error, timeout};
        {http, {Id, {error, Reason}}} ->
            {error, words(Reason)};
        {'DOWN', Caller, process, _, _} ->
            httpc:cancel_request(Id)
    after max(0, Deadline - erlang:monotonic_time(millisecond)) ->
        httpc:cancel_request(Id),
        {error, timeout}
    end.

%% httpc streams answers of these two only, and does not tell which.
status(#{<<"content-range">> := _}) -> 206;
status(#{<<"content-type">> := <<"multipart/byteranges", _/binary>>}) -> 206;
status(_) -> 200.

too_large(MaxBytes) ->
    {error, <<"HTTP response exceeds the configured maximum number of bytes: ", (integer_to_binary(MaxBytes))/binary>>}.

header_map(Headers) ->
    maps:from_list([{utf8(string:lowercase(Name)), utf8(Value)} || {Name, Value} <- Headers]).

%% Headers are bytes, mostly in one of these.
utf8(Value) ->
    Bytes = list_to_binary(Value),
    case unicode:characters_to_binary(Bytes) of
        Bytes -> Bytes;
        _ -> unicode:characters_to_binary(Bytes, latin1)
    end.

words({failed_connect, Details}) ->
    iolist_to_binary(["cannot connect", [cause(Detail) || Detail <- Details]]);
words(Reason) ->
    iolist_to_binary(["the HTTP request failed: ", io_lib:format("~0tP", [Reason, 12])]).

cause({inet, _, Reason}) -> io_lib:format(": ~0tP", [Reason, 12]);
cause({inet6, _, Reason}) -> io_lib:format(": ~0tP", [Reason, 12]);
cause(_) -> "".
