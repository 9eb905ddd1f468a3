%% A folder of compiled files, which nodes of one user may share: each file is written under another name and then renamed,
%% and carries a hash of its key and content that is compared before it is used.
%%
%% What is loaded from here runs unchecked. So the folder and its files must belong to the user that runs this node and be
%% writable by nobody else; anything else is an error, and nothing is read or written. The files that were used longest
%% ago go when there is too much of them.
-module(wasm2beam_cache).

-export([fetch/2, store/4]).

-export_type([key/0]).

-type key() :: binary().

-include_lib("kernel/include/file.hrl").

-define(MAGIC, "wasm2beam 1\n").
-define(SUFFIX, ".cached").
-define(TEMPORARY, ".new").
%% Seconds after which what a writer left behind goes.
-define(ABANDONED, 3600).
-define(WRITABLE_BY_OTHERS, 8#022).

%% @doc The content under a key. Whatever is damaged or not ours is an error.
-spec fetch(file:filename_all(), key()) -> {ok, binary()} | {error, term()}.
fetch(Folder, Key) ->
    File = filename:join(Folder, name(Key)),
    maybe_then(check_folder(Folder), fun() ->
        case file:read_link_info(File, [{time, posix}]) of
            {ok, #file_info{type = regular} = Info} ->
                maybe_then(check_owner(File, Info), fun() -> read(File, Key) end);
            {ok, _} ->
                {error, {not_a_file, File}};
            {error, _} = Error ->
                Error
        end
    end).

%% @doc Keeps Content under Key, and removes files until all together have at most Limit bytes. Content that is larger is
%% not kept.
-spec store(file:filename_all(), key(), binary(), pos_integer()) -> ok | {error, term()}.
store(Folder, Key, Content, Limit) ->
    Bytes = [?MAGIC, digest(Key, Content), Content],
    case make_folder(Folder) of
        ok ->
            maybe_then(check_folder(Folder), fun() ->
                maybe_then(evict(Folder, Limit - iolist_size(Bytes)), fun() -> write(Folder, Key, Bytes) end)
            end);
        {error, _} = Error ->
            Error
    end.

%% Internal

maybe_then(ok, Next) -> Next();
maybe_then({error, _} = Error, _Next) -> Error.

name(Key) -> binary_to_list(binary:encode_hex(Key)) ++ ?SUFFIX.

digest(Key, Content) -> crypto:hash(sha256, [Key, Content]).

read(File, Key) ->
    case file:read_file(File) of
        {ok, <<?MAGIC, Digest:32/binary, Content/binary>>} ->
            case digest(Key, Content) of
                Digest ->
                    %% It was used just now.
                    _ = file:change_time(File, calendar:local_time()),
                    {ok, Content};
                _ ->
                    damaged(File)
            end;
        {ok, _} ->
            damaged(File);
        {error, _} = Error ->
            Error
    end.

damaged(File) ->
    _ = file:delete(File),
    {error, {damaged, File}}.

make_folder(Folder) ->
    case file:read_link_info(Folder) of
        {ok, _} ->
            ok;
        {error, _} ->
            case filelib:ensure_path(Folder) of
                ok -> file:change_mode(Folder, 8#700);
                {error, _} = Error -> Error
            end
    end.

%% A folder, no link to one; of this user, since a file that is made there has the same owner; of nobody else to write to.
check_folder(Folder) ->
    case file:read_link_info(Folder) of
        {ok, #file_info{type = directory, uid = Owner} = Info} ->
            maybe_then(check_mode(Folder, Info), fun() ->
                case own_id(Folder) of
                    {ok, Owner} -> ok;
                    {ok, _} -> {error, {foreign, Folder}};
                    {error, _} = Error -> Error
                end
            end);
        {ok, _} ->
            {error, {not_a_folder, Folder}};
        {error, _} = Error ->
            Error
    end.

check_owner(File, #file_info{uid = Owner} = Info) ->
    maybe_then(check_mode(File, Info), fun() ->
        case persistent_term:get({?MODULE, user}) of
            Owner -> ok;
            _ -> {error, {foreign, File}}
        end
    end).

check_mode(Path, #file_info{mode = Mode}) ->
    case Mode band ?WRITABLE_BY_OTHERS of
        0 -> ok;
        _ -> {error, {writable_by_others, Path}}
    end.

%% The user that runs this node, as the owner of a file that it makes.
own_id(Folder) ->
    case persistent_term:get({?MODULE, user}, undefined) of
        undefined ->
            File = temporary(Folder),
            case file:write_file(File, <<>>, [exclusive]) of
                ok ->
                    {ok, #file_info{uid = Owner}} = file:read_link_info(File),
                    _ = file:delete(File),
                    persistent_term:put({?MODULE, user}, Owner),
                    {ok, Owner};
                {error, _} = Error ->
                    Error
            end;
        Owner ->
            {ok, Owner}
    end.

write(Folder, Key, Bytes) ->
    Temporary = temporary(Folder),
    case file:write_file(Temporary, Bytes, [exclusive, raw]) of
        ok ->
            _ = file:change_mode(Temporary, 8#600),
            case file:rename(Temporary, filename:join(Folder, name(Key))) of
                ok -> ok;
                Error -> abandon(Temporary, Error)
            end;
        Error ->
            abandon(Temporary, Error)
    end.

abandon(File, Error) ->
    _ = file:delete(File),
    Error.

temporary(Folder) ->
    filename:join(Folder, binary_to_list(binary:encode_hex(crypto:strong_rand_bytes(16))) ++ ?TEMPORARY).

%% Deletes the files that were used longest ago until the others have at most so many bytes, and what writers left behind.
%% A file that another node deletes first is no error.
evict(_Folder, Room) when Room < 0 ->
    {error, too_large};
evict(Folder, Room) ->
    case file:list_dir(Folder) of
        {ok, Names} ->
            Files = fun(Suffix) -> lists:append([info(Folder, Name) || Name <- Names, lists:suffix(Suffix, Name)]) end,
            Before = erlang:system_time(second) - ?ABANDONED,
            _ = [file:delete(File) || {Time, _, File} <- Files(?TEMPORARY), Time < Before],
            delete_beyond(Room, lists:reverse(lists:sort(Files(?SUFFIX))));
        {error, _} = Error ->
            Error
    end.

info(Folder, Name) ->
    File = filename:join(Folder, Name),
    case file:read_link_info(File, [{time, posix}, raw]) of
        {ok, #file_info{type = regular, mtime = Time, size = Size}} -> [{Time, Size, File}];
        _ -> []
    end.

delete_beyond(_Room, []) ->
    ok;
delete_beyond(Room, [{_, Size, File} | Older]) when Size > Room ->
    _ = file:delete(File),
    delete_beyond(Room, Older);
delete_beyond(Room, [{_, Size, _} | Older]) ->
    delete_beyond(Room - Size, Older).
