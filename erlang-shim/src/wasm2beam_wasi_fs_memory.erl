%% A file system in memory, in an ETS table of the process that made it; it ends with that process or by delete/1.
%%
%% Rows: `{{node, Inode}, Type, Links, Size, Accessed, Modified, Changed, Target}', `{{entry, Inode, Name}, Inode}' and
%% `{{data, Inode, Number}, Bytes}' for chunks of a file, missing or short where it has zeros; counts by name. A file
%% that is open keeps its node when its last name goes. Sizes, names and
%% nodes count against a limit, so that zeros that take no room are no way around it.
-module(wasm2beam_wasi_fs_memory).

-behaviour(wasm2beam_wasi_fs).

-export([new/0, new/1, new/2, delete/1, to_map/1]).
-export([stat/2, read_link/2, list/2, open/3, close/2, pread/4, pwrite/4, file_stat/2, truncate/3, sync/2]).
-export([set_file_times/3, set_times/3, make_dir/2, remove_dir/2, unlink/2, rename/3, link/3, symlink/3]).

-export_type([options/0]).

%% limit: bytes that all contents, names and nodes may take (default 256 MiB).
-type options() :: #{limit => non_neg_integer()}.
-type table() :: ets:tid().
-type path() :: wasm2beam_wasi_fs:path().
-opaque file() :: pos_integer().
-type result() :: ok | {error, term()}.

-export_type([file/0]).

-define(ROOT, 1).
-define(CHUNK, 16384).
-define(LIMIT, 16#10000000).
%% What a node or an entry costs besides its bytes.
-define(NODE_COST, 256).

%% @equiv new(#{})
-spec new() -> {?MODULE, table()}.
new() -> new(#{}).

%% @equiv new(Files, #{})
-spec new(#{binary() => iodata()}) -> {?MODULE, table()}.
new(Files) -> new(Files, #{}).

%% @doc A file system with these files, by paths such as `<<"etc/name.txt">>'; folders are made as they are needed.
%% Raises `{wasm_error, {bad_option, fs, Reason}}' where that is not possible.
-spec new(#{binary() => iodata()}, options()) -> {?MODULE, table()}.
new(Files, Options) ->
    Table = ets:new(?MODULE, [ordered_set, public]),
    Now = now_ns(),
    true = ets:insert(Table, [
        {{node, ?ROOT}, directory, 1, 0, Now, Now, Now, <<>>},
        {next, ?ROOT + 1},
        {limit, maps:get(limit, Options, ?LIMIT)},
        {used, 0}
    ]),
    maps:foreach(fun(Name, Content) -> put_file(Table, names(Name), iolist_to_binary(Content)) end, Files),
    {?MODULE, Table}.

%% @doc Frees the table.
-spec delete({?MODULE, table()}) -> ok.
delete({?MODULE, Table}) ->
    true = ets:delete(Table),
    ok.

%% @doc All regular files by their paths.
-spec to_map({?MODULE, table()}) -> #{binary() => binary()}.
to_map({?MODULE, Table}) ->
    maps:from_list(files(Table, ?ROOT, <<>>)).

-spec stat(table(), path()) -> {ok, wasm2beam_wasi_fs:stat()} | {error, term()}.
stat(Table, Path) ->
    with_node(Table, Path, fun(Inode) -> {ok, described(Table, Inode)} end).

-spec read_link(table(), path()) -> {ok, binary()} | {error, term()}.
read_link(Table, Path) ->
    with_node(Table, Path, fun(Inode) ->
        case ets:lookup(Table, {node, Inode}) of
            [{_, symlink, _, _, _, _, _, Target}] -> {ok, Target};
            _ -> {error, einval}
        end
    end).

-spec list(table(), path()) -> {ok, [wasm2beam_wasi_fs:entry()]} | {error, term()}.
list(Table, Path) ->
    with_node(Table, Path, fun(Folder) ->
        {ok, [{Name, type(Table, Inode), Inode} || {Name, Inode} <- children(Table, Folder)]}
    end).

-spec open(table(), path(), wasm2beam_wasi_fs:mode()) -> {ok, file()} | {error, term()}.
open(Table, Path, #{create := Create, exclusive := Exclusive, truncate := Truncate}) ->
    case find(Table, Path) of
        {ok, _} when Create, Exclusive ->
            {error, eexist};
        {ok, Inode} ->
            case type(Table, Inode) of
                regular when Truncate -> opened(Table, Inode, truncate(Table, Inode, 0));
                regular -> opened(Table, Inode, ok);
                directory -> {error, eisdir};
                symlink -> {error, eloop}
            end;
        {error, enoent} when Create ->
            case add_node(Table, Path, regular, <<>>) of
                {ok, Inode} -> opened(Table, Inode, ok);
                {error, _} = Error -> Error
            end;
        {error, _} = Error ->
            Error
    end.

-spec close(table(), file()) -> ok.
close(Table, Inode) ->
    _ = ets:update_counter(Table, {open, Inode}, -1),
    forget_unused(Table, Inode).

-spec pread(table(), file(), non_neg_integer(), pos_integer()) -> {ok, binary()}.
pread(Table, Inode, Offset, Length) ->
    Size = ets:lookup_element(Table, {node, Inode}, 4),
    {ok, iolist_to_binary(read_chunks(Table, Inode, Offset, min(Length, max(0, Size - Offset))))}.

-spec pwrite(table(), file(), non_neg_integer(), binary()) -> result().
pwrite(Table, Inode, Offset, Bytes) ->
    Size = ets:lookup_element(Table, {node, Inode}, 4),
    NewSize = max(Size, Offset + byte_size(Bytes)),
    case charge(Table, NewSize - Size) of
        ok ->
            write_chunks(Table, Inode, Offset, Bytes),
            changed(Table, Inode, NewSize);
        {error, _} = Error ->
            Error
    end.

-spec file_stat(table(), file()) -> {ok, wasm2beam_wasi_fs:stat()}.
file_stat(Table, Inode) -> {ok, described(Table, Inode)}.

-spec truncate(table(), file(), non_neg_integer()) -> result().
truncate(Table, Inode, Size) ->
    case charge(Table, Size - ets:lookup_element(Table, {node, Inode}, 4)) of
        ok ->
            cut_chunks(Table, Inode, Size),
            changed(Table, Inode, Size);
        {error, _} = Error ->
            Error
    end.

-spec sync(table(), file()) -> ok.
sync(_Table, _Inode) -> ok.

-spec set_file_times(table(), file(), wasm2beam_wasi_fs:times()) -> ok.
set_file_times(Table, Inode, {Accessed, Modified}) ->
    Updates = [{5, Accessed} || Accessed =/= keep] ++ [{6, Modified} || Modified =/= keep] ++ [{7, now_ns()}],
    true = ets:update_element(Table, {node, Inode}, Updates),
    ok.

-spec set_times(table(), path(), wasm2beam_wasi_fs:times()) -> result().
set_times(Table, Path, Times) ->
    with_node(Table, Path, fun(Inode) -> set_file_times(Table, Inode, Times) end).

-spec make_dir(table(), path()) -> result().
make_dir(Table, Path) -> added(add_node(Table, Path, directory, <<>>)).

-spec remove_dir(table(), path()) -> result().
remove_dir(Table, Path) ->
    with_node(Table, Path, fun(Inode) ->
        case children(Table, Inode) of
            [] -> remove_entry(Table, Path, Inode);
            _ -> {error, enotempty}
        end
    end).

-spec unlink(table(), path()) -> result().
unlink(Table, Path) ->
    with_node(Table, Path, fun(Inode) -> remove_entry(Table, Path, Inode) end).

-spec rename(table(), path(), path()) -> result().
rename(Table, From, To) ->
    case {find(Table, From), find(Table, To)} of
        {{ok, Inode}, {ok, Inode}} -> ok;
        {{ok, Inode}, {ok, Other}} -> replaced(Table, From, Inode, To, children(Table, Other));
        {{ok, Inode}, {error, enoent}} -> moved(Table, From, Inode, To);
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error
    end.

-spec link(table(), path(), path()) -> result().
link(Table, From, To) ->
    with_node(Table, From, fun(Inode) ->
        case add_entry(Table, To, Inode) of
            ok ->
                _ = ets:update_counter(Table, {node, Inode}, {3, 1}),
                ok;
            {error, _} = Error ->
                Error
        end
    end).

-spec symlink(table(), binary(), path()) -> result().
symlink(Table, Target, Path) -> added(add_node(Table, Path, symlink, Target)).

%% Internal

now_ns() -> erlang:system_time(nanosecond).

names(Path) ->
    case [Name || Name <- binary:split(Path, <<"/">>, [global]), Name =/= <<>>, Name =/= <<".">>] of
        [] -> bad(Path);
        Names -> Names
    end.

-spec bad(term()) -> no_return().
bad(Reason) -> wasm2beam_error:raise({bad_option, fs, Reason}).

put_file(Table, Path, Content) ->
    lists:foreach(
        fun(Count) -> make_dir(Table, lists:sublist(Path, Count)) end,
        lists:seq(1, length(Path) - 1)
    ),
    Mode = #{write => true, create => true, exclusive => true, truncate => false},
    case open(Table, Path, Mode) of
        {ok, Inode} ->
            Written = pwrite(Table, Inode, 0, Content),
            ok = close(Table, Inode),
            Written =:= ok orelse bad(Written);
        {error, Reason} ->
            bad({Path, Reason})
    end.

files(Table, Folder, Prefix) ->
    lists:append([
        case type(Table, Inode) of
            directory ->
                files(Table, Inode, <<Prefix/binary, Name/binary, "/">>);
            regular ->
                {ok, Bytes} = pread(Table, Inode, 0, max(1, ets:lookup_element(Table, {node, Inode}, 4))),
                [{<<Prefix/binary, Name/binary>>, Bytes}];
            symlink ->
                []
        end
     || {Name, Inode} <- children(Table, Folder)
    ]).

%% Nodes and entries

find(Table, Path) -> find(Table, ?ROOT, Path).

find(_Table, Inode, []) ->
    {ok, Inode};
find(Table, Inode, [Name | Path]) ->
    case ets:lookup(Table, {entry, Inode, Name}) of
        [{_, Child}] -> find(Table, Child, Path);
        [] -> {error, enoent}
    end.

with_node(Table, Path, Use) ->
    case find(Table, Path) of
        {ok, Inode} -> Use(Inode);
        {error, _} = Error -> Error
    end.

type(Table, Inode) -> ets:lookup_element(Table, {node, Inode}, 2).

described(Table, Inode) ->
    [{_, Type, Links, Size, Accessed, Modified, Changed, _}] = ets:lookup(Table, {node, Inode}),
    #{
        type => Type,
        inode => Inode,
        links => Links,
        size => Size,
        atime => Accessed,
        mtime => Modified,
        ctime => Changed
    }.

children(Table, Folder) ->
    ets:select(Table, [{{{entry, Folder, '$1'}, '$2'}, [], [{{'$1', '$2'}}]}]).

added({ok, _Inode}) -> ok;
added({error, _} = Error) -> Error.

add_node(Table, Path, Type, Target) ->
    %% The target of a link is its size.
    case charge(Table, ?NODE_COST + byte_size(Target)) of
        ok ->
            Inode = ets:update_counter(Table, next, 1) - 1,
            Now = now_ns(),
            true = ets:insert(Table, {{node, Inode}, Type, 1, byte_size(Target), Now, Now, Now, Target}),
            case add_entry(Table, Path, Inode) of
                ok ->
                    {ok, Inode};
                {error, _} = Error ->
                    drop_node(Table, Inode),
                    Error
            end;
        {error, _} = Error ->
            Error
    end.

add_entry(Table, Path, Inode) ->
    Name = lists:last(Path),
    case find(Table, lists:droplast(Path)) of
        {ok, Folder} ->
            case {type(Table, Folder), ets:member(Table, {entry, Folder, Name})} of
                {directory, false} -> charge_entry(Table, Folder, Name, Inode);
                {directory, true} -> {error, eexist};
                _ -> {error, enotdir}
            end;
        {error, _} = Error ->
            Error
    end.

charge_entry(Table, Folder, Name, Inode) ->
    case charge(Table, ?NODE_COST + byte_size(Name)) of
        ok ->
            true = ets:insert(Table, {{entry, Folder, binary:copy(Name)}, Inode}),
            touched(Table, Folder);
        {error, _} = Error ->
            Error
    end.

drop_entry(Table, Path) ->
    Name = lists:last(Path),
    {ok, Folder} = find(Table, lists:droplast(Path)),
    true = ets:delete(Table, {entry, Folder, Name}),
    _ = charge(Table, -(?NODE_COST + byte_size(Name))),
    touched(Table, Folder).

remove_entry(_Table, [], _Inode) ->
    {error, ebusy};
remove_entry(Table, Path, Inode) ->
    ok = drop_entry(Table, Path),
    _ = ets:update_counter(Table, {node, Inode}, {3, -1}),
    forget_unused(Table, Inode).

replaced(Table, From, Inode, To, []) ->
    {ok, Other} = find(Table, To),
    ok = remove_entry(Table, To, Other),
    moved(Table, From, Inode, To);
replaced(_Table, _From, _Inode, _To, _Children) ->
    {error, enotempty}.

%% The old name goes first, so that its cost is there for the new one.
moved(Table, From, Inode, To) ->
    case add_entry(Table, To, Inode) of
        ok -> drop_entry(Table, From);
        {error, _} = Error -> Error
    end.

opened(Table, Inode, ok) ->
    _ = ets:update_counter(Table, {open, Inode}, 1, {{open, Inode}, 0}),
    {ok, Inode};
opened(_Table, _Inode, {error, _} = Error) ->
    Error.

%% A node without names lives as long as it is open.
forget_unused(Table, Inode) ->
    Open =
        case ets:lookup(Table, {open, Inode}) of
            [{_, Count}] -> Count;
            [] -> 0
        end,
    case {Open, ets:lookup_element(Table, {node, Inode}, 3)} of
        {0, 0} ->
            drop_node(Table, Inode);
        {0, _} ->
            true = ets:delete(Table, {open, Inode}),
            ok;
        _ ->
            ok
    end.

drop_node(Table, Inode) ->
    _ = charge(Table, -(?NODE_COST + ets:lookup_element(Table, {node, Inode}, 4))),
    _ = ets:select_delete(Table, [{{{data, Inode, '_'}, '_'}, [], [true]}]),
    true = ets:delete(Table, {node, Inode}),
    true = ets:delete(Table, {open, Inode}),
    ok.

touched(Table, Inode) ->
    Now = now_ns(),
    true = ets:update_element(Table, {node, Inode}, [{6, Now}, {7, Now}]),
    ok.

changed(Table, Inode, Size) ->
    true = ets:update_element(Table, {node, Inode}, {4, Size}),
    touched(Table, Inode).

charge(Table, Cost) ->
    Used = ets:update_counter(Table, used, Cost),
    case Cost > 0 andalso Used > ets:lookup_element(Table, limit, 2) of
        true ->
            _ = ets:update_counter(Table, used, -Cost),
            {error, enospc};
        false ->
            ok
    end.

%% Chunks

read_chunks(_Table, _Inode, _Offset, 0) ->
    [];
read_chunks(Table, Inode, Offset, Length) ->
    At = Offset rem ?CHUNK,
    Count = min(Length, ?CHUNK - At),
    Bytes = chunk(Table, {data, Inode, Offset div ?CHUNK}),
    Held = min(Count, max(0, byte_size(Bytes) - At)),
    Part =
        case Held of
            0 -> <<>>;
            _ -> binary_part(Bytes, At, Held)
        end,
    [Part, <<0:((Count - Held) * 8)>> | read_chunks(Table, Inode, Offset + Count, Length - Count)].

write_chunks(_Table, _Inode, _Offset, <<>>) ->
    ok;
write_chunks(Table, Inode, Offset, Bytes) ->
    At = Offset rem ?CHUNK,
    Count = min(byte_size(Bytes), ?CHUNK - At),
    <<Part:Count/binary, Rest/binary>> = Bytes,
    Key = {data, Inode, Offset div ?CHUNK},
    true = ets:insert(Table, {Key, overwritten(chunk(Table, Key), At, Part)}),
    write_chunks(Table, Inode, Offset + Count, Rest).

%% What is behind the new end goes, so that it is zero when the file grows again.
cut_chunks(Table, Inode, Size) ->
    First = Size div ?CHUNK,
    case chunk(Table, {data, Inode, First}) of
        Bytes when byte_size(Bytes) > Size rem ?CHUNK ->
            true = ets:insert(Table, {{data, Inode, First}, binary:copy(binary_part(Bytes, 0, Size rem ?CHUNK))});
        _ ->
            true
    end,
    _ = ets:select_delete(Table, [{{{data, Inode, '$1'}, '_'}, [{'>', '$1', First}], [true]}]),
    ok.

chunk(Table, Key) ->
    case ets:lookup(Table, Key) of
        [{_, Bytes}] -> Bytes;
        [] -> <<>>
    end.

overwritten(Old, At, Part) ->
    End = At + byte_size(Part),
    Before = binary_part(Old, 0, min(At, byte_size(Old))),
    Gap = max(0, At - byte_size(Old)),
    After = binary_part(Old, min(End, byte_size(Old)), max(0, byte_size(Old) - End)),
    <<Before/binary, 0:(Gap * 8), Part/binary, After/binary>>.
