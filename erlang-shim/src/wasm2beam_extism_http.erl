%% HTTP for plug-ins, by OTP's httpc: hosts that are allowed, verified TLS, bounds of size and time.
%%
%% A request runs in a process of its own, which ends with the caller, so that no message of httpc's reaches the
%% caller's mailbox. Redirections are followed here and not by httpc, because each host on the way has to be allowed.
-module(wasm2beam_extism_http).

-export([guest_request/5, request/4, cancel/1]).

-export_type([deadline/0]).

%% In milliseconds of the monotonic time.
-type deadline() :: infinity | integer().
-type answer() ::
    {ok, Status :: pos_integer(), Headers :: #{binary() => binary()}, Body :: binary()} | {error, reason()}.
-type reason() :: timeout | cancelled | binary().
%% Gets the process of each request, for cancel/1.
-type started() :: fun((pid()) -> ok).

-define(REQUEST_LIMITS, #{max_bytes => 16#100000, max_depth => 4}).
-define(MAX_REDIRECTIONS, 5).
%% Where the caller sets no limit. A plug-in's call need not end, but a server that is silent must not hold it for ever.
-define(PATIENCE, 60000).
%% Not passed on to another host.
-define(SECRETS, [<<"authorization">>, <<"cookie">>, <<"proxy-authorization">>]).

%% @doc What a guest asks for, as JSON: done if the manifest allows its host.
-spec guest_request(binary(), binary(), wasm2beam_extism_manifest:manifest(), deadline(), started()) -> answer().
guest_request(Json, Body, #{allowed_hosts := Hosts, max_http_response_bytes := MaxBytes}, Deadline, Started) ->
    case parse(Json) of
        {ok, Request} ->
            IsAllowed = fun(Host) -> lists:any(fun(Each) -> wasm2beam_extism_glob:matches(Host, Each) end, Hosts) end,
            run(Request, Body, {MaxBytes, soonest(Deadline), IsAllowed, Started});
        {error, _} = Error ->
            Error
    end.

%% @doc A request of the embedder's, to any host.
-spec request(wasm2beam_extism_manifest:request(), binary(), non_neg_integer(), deadline()) -> answer().
request(Request, Body, MaxBytes, Deadline) ->
    run(Request, Body, {MaxBytes, soonest(Deadline), fun(_Host) -> true end, fun(_Pid) -> ok end}).

%% @doc Ends a request, from any process: its answer is `{error, cancelled}'.
-spec cancel(pid()) -> ok.
cancel(Pid) ->
    Pid ! {?MODULE, cancel},
    ok.

%% Internal

-spec fail(timeout | cancelled | iodata()) -> no_return().
fail(Reason) when is_atom(Reason) -> throw({?MODULE, Reason});
fail(Message) -> throw({?MODULE, unicode:characters_to_binary(Message)}).

parse(Json) ->
    case wasm2beam_json:decode(Json, ?REQUEST_LIMITS) of
        {ok, Value} -> wasm2beam_extism_manifest:request(Value);
        {error, Error} -> {error, wasm2beam_json:format_error(Error)}
    end.

run(Request, Body, Terms) ->
    caught(fun() ->
        start(),
        follow(Request, Body, Terms, ?MAX_REDIRECTIONS)
    end).

caught(Fun) ->
    try
        Fun()
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

follow(#{url := Url, method := Method, headers := Headers} = Request, Body, Terms, Left) ->
    {MaxBytes, Deadline, IsAllowed, Started} = Terms,
    Target = #{host := Host} = target(Url),
    IsAllowed(Host) orelse fail(["HTTP request to ", Url, " is not allowed"]),
    Call = httpc_request(Target, method(Method), Headers, Body),
    Options = options(Target, Deadline),
    {ok, Status, AnswerHeaders, _} = Answer = in_process(fun() -> perform(Call, MaxBytes, Deadline, Options) end, Started),
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
            follow(Following, NextBody, Terms, Left - 1);
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

in_process(Perform, Started) ->
    Caller = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        _ = monitor(process, Caller),
        exit({?MODULE, caught(Perform)})
    end),
    Started(Pid),
    receive
        {'DOWN', Monitor, process, Pid, {?MODULE, {error, Reason}}} -> fail(Reason);
        {'DOWN', Monitor, process, Pid, {?MODULE, Answer}} -> Answer;
        {'DOWN', Monitor, process, Pid, _} -> fail("the HTTP request failed")
    end.

%% Bodies of good answers come in pieces, so that one that is too large is never held; httpc keeps others in one.
perform({Method, Request}, MaxBytes, Deadline, Options) ->
    Streaming = [{sync, false}, {stream, {self, once}}, {body_format, binary}],
    case httpc:request(Method, Request, Options, Streaming) of
        {ok, Id} ->
            try
                answer(Id, MaxBytes, Deadline)
            after
                httpc:cancel_request(Id)
            end;
        {error, Reason} ->
            fail(words(Reason))
    end.

answer(Id, MaxBytes, Deadline) ->
    case next(Id, Deadline) of
        {Id, stream_start, Headers, Pid} ->
            stream(Id, Pid, header_map(Headers), MaxBytes, Deadline, {0, []});
        {Id, {{_, Status, _}, Headers, Body}} ->
            check_size(byte_size(Body), MaxBytes),
            {ok, Status, header_map(Headers), Body}
    end.

stream(Id, Pid, Headers, MaxBytes, Deadline, {Size0, Parts}) ->
    httpc:stream_next(Pid),
    case next(Id, Deadline) of
        {Id, stream, Part} ->
            Size = Size0 + byte_size(Part),
            check_size(Size, MaxBytes),
            stream(Id, Pid, Headers, MaxBytes, Deadline, {Size, [Part | Parts]});
        {Id, stream_end, _} ->
            {ok, status(Headers), Headers, iolist_to_binary(lists:reverse(Parts))}
    end.

%% The next that httpc says of the request. Fails where it says that there will be nothing, and where nobody wants it any
%% more: the caller's time is over, another process has cancelled, or the caller, which alone is monitored, is gone.
next(Id, Deadline) ->
    receive
        {http, {Id, {error, timeout}}} -> fail(timeout);
        {http, {Id, {error, Reason}}} -> fail(words(Reason));
        {http, Message} when element(1, Message) =:= Id -> Message;
        {?MODULE, cancel} -> fail(cancelled);
        {'DOWN', _, process, _, _} -> fail(cancelled)
    after max(0, Deadline - erlang:monotonic_time(millisecond)) -> fail(timeout)
    end.

%% httpc streams answers of these two only, and does not tell which.
status(#{<<"content-range">> := _}) -> 206;
status(#{<<"content-type">> := <<"multipart/byteranges", _/binary>>}) -> 206;
status(_) -> 200.

check_size(Size, MaxBytes) when Size =< MaxBytes -> ok;
check_size(_Size, MaxBytes) ->
    fail(["HTTP response exceeds the configured maximum number of bytes: ", integer_to_list(MaxBytes)]).

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
    ["cannot connect", [cause(Detail) || Detail <- Details]];
words(Reason) ->
    ["the HTTP request failed: ", io_lib:format("~0tP", [Reason, 12])].

cause({inet, _, Reason}) -> io_lib:format(": ~0tP", [Reason, 12]);
cause({inet6, _, Reason}) -> io_lib:format(": ~0tP", [Reason, 12]);
cause(_) -> "".
