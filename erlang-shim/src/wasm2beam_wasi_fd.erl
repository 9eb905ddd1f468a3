%% Calls on descriptors that move bytes: reading, writing, seeking, and the life of a descriptor.
-module(wasm2beam_wasi_fd).

-include("wasm2beam_wasi.hrl").

-export([fd_read/5, fd_pread/6, fd_write/5, fd_pwrite/6, fd_seek/5, fd_tell/3]).
-export([fd_close/2, fd_renumber/3, fd_sync/2, fd_datasync/2, fd_advise/5, fd_allocate/4]).

-type pointer() :: wasm2beam_wasi_guest:pointer().
-type fd() :: non_neg_integer().
-type u64() :: non_neg_integer().

-define(SIGPIPE_STATUS, 141).
%% The largest size of a file.
-define(MAX_SIZE, 16#7FFFFFFFFFFFFFFF).

%% @doc Reads at the descriptor's offset, which moves on. Fails with `badf', `notcapable', `isdir', `inval' (too many
%% vectors), `fault', `again' where there is no input yet and the descriptor is not to wait, and what the file system
%% says.
-spec fd_read(#call{}, fd(), pointer(), non_neg_integer(), pointer()) -> ok.
fd_read(Call, Fd, Array, Count, Result) ->
    Descriptor = transferable(Call, Fd, ?RIGHT_FD_READ),
    {Vectors, Length} = target(Call, Array, Count, Result),
    case Descriptor of
        #descriptor{what = {stream, in, Stream}, flags = Flags} ->
            Flags band ?FDFLAG_NONBLOCK =:= 0 orelse wasm2beam_wasi_stream:ready(Stream, 0) orelse
                wasm2beam_wasi_errno:fail(again),
            deliver(Call, Vectors, Result, stream_value(wasm2beam_wasi_stream:read(Stream, Length)));
        #descriptor{what = {file, Fs, File}, offset = Offset} ->
            Bytes = read_file(Fs, File, Offset, Length),
            wasm2beam_wasi_state:replace(Call, Fd, Descriptor#descriptor{offset = Offset + byte_size(Bytes)}),
            deliver(Call, Vectors, Result, Bytes)
    end.

%% @doc As fd_read/5 at an offset of its own; a stream is `spipe'.
-spec fd_pread(#call{}, fd(), pointer(), non_neg_integer(), u64(), pointer()) -> ok.
fd_pread(Call, Fd, Array, Count, Offset, Result) ->
    Descriptor = transferable(Call, Fd, ?RIGHT_FD_READ bor ?RIGHT_FD_SEEK),
    {Vectors, Length} = target(Call, Array, Count, Result),
    {Fs, File} = file(Descriptor),
    Offset =< ?MAX_SIZE orelse wasm2beam_wasi_errno:fail(inval),
    deliver(Call, Vectors, Result, read_file(Fs, File, Offset, Length)).

%% @doc Writes at the descriptor's offset, or at the end where it appends. Fails with `badf', `notcapable', `isdir',
%% `inval' (too many vectors), `fault', `fbig', and what the file system says. Where the other end of a pipe of the
%% operating system was closed, the guest ends with status 141.
-spec fd_write(#call{}, fd(), pointer(), non_neg_integer(), pointer()) -> ok.
fd_write(Call, Fd, Array, Count, Result) ->
    Descriptor = transferable(Call, Fd, ?RIGHT_FD_WRITE),
    {Vectors, Length} = target(Call, Array, Count, Result),
    Bytes = wasm2beam_wasi_guest:gather(Call, Vectors),
    case Descriptor of
        #descriptor{what = {stream, out, Stream}} ->
            stream_done(Call, wasm2beam_wasi_stream:write(Stream, Bytes));
        #descriptor{what = {file, Fs, File}} ->
            Offset = write_offset(Descriptor, Fs, File),
            write_file(Descriptor, Fs, File, Offset, Bytes),
            wasm2beam_wasi_state:replace(Call, Fd, Descriptor#descriptor{offset = Offset + Length})
    end,
    wasm2beam_wasi_guest:write_u32(Call, Result, Length).

%% @doc As fd_write/5 at an offset of its own; a stream is `spipe'.
-spec fd_pwrite(#call{}, fd(), pointer(), non_neg_integer(), u64(), pointer()) -> ok.
fd_pwrite(Call, Fd, Array, Count, Offset, Result) ->
    Descriptor = transferable(Call, Fd, ?RIGHT_FD_WRITE bor ?RIGHT_FD_SEEK),
    {Vectors, Length} = target(Call, Array, Count, Result),
    {Fs, File} = file(Descriptor),
    write_file(Descriptor, Fs, File, Offset, wasm2beam_wasi_guest:gather(Call, Vectors)),
    wasm2beam_wasi_guest:write_u32(Call, Result, Length).

%% @doc Moves the offset and writes the new one. Fails with `badf', `notcapable', `isdir', `spipe' for a stream, `inval'
%% for an unknown start or an offset below zero, `overflow'.
-spec fd_seek(#call{}, fd(), integer(), 0..255, pointer()) -> ok.
fd_seek(Call, Fd, Delta, Whence, Result) ->
    _ = wasm2beam_wasi_state:descriptor(Call, Fd),
    From = whence(Call, Whence),
    #descriptor{offset = Old} = Descriptor = seekable(Call, Fd, seek_right(Delta, From)),
    wasm2beam_wasi_guest:check(Call, Result, 8),
    {Fs, File} = file(Descriptor),
    New =
        case From of
            set -> Delta;
            current -> Old + Delta;
            'end' -> maps:get(size, wasm2beam_wasi_fs:file_stat(Fs, File)) + Delta
        end,
    New >= 0 orelse wasm2beam_wasi_errno:fail(inval),
    New =< ?MAX_SIZE orelse wasm2beam_wasi_errno:fail(overflow),
    wasm2beam_wasi_state:replace(Call, Fd, Descriptor#descriptor{offset = New}),
    wasm2beam_wasi_guest:write_u64(Call, Result, New).

%% @doc Writes the offset. Fails as fd_seek/5.
-spec fd_tell(#call{}, fd(), pointer()) -> ok.
fd_tell(Call, Fd, Result) ->
    #descriptor{offset = Offset} = Descriptor = seekable(Call, Fd, ?RIGHT_FD_TELL),
    _ = file(Descriptor),
    wasm2beam_wasi_guest:write_u64(Call, Result, Offset).

%% @doc Fails with `badf', and what the file system says; the descriptor is gone all the same.
-spec fd_close(#call{}, fd()) -> ok.
fd_close(Call, Fd) ->
    _ = wasm2beam_wasi_state:descriptor(Call, Fd),
    case wasm2beam_wasi_state:remove(Call, Fd) of
        ok -> ok;
        {error, Reason} -> wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason))
    end.

%% @doc Gives a descriptor another number that is in use, whose own descriptor is closed. Fails with `badf'.
-spec fd_renumber(#call{}, fd(), fd()) -> ok.
fd_renumber(Call, From, To) ->
    _ = wasm2beam_wasi_state:descriptor(Call, From),
    _ = wasm2beam_wasi_state:descriptor(Call, To),
    wasm2beam_wasi_state:move(Call, From, To).

%% @doc Fails with `badf', `notcapable', as for any stream, and what the file system says.
-spec fd_sync(#call{}, fd()) -> ok.
fd_sync(Call, Fd) ->
    synchronize(wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_SYNC)).

%% @doc As fd_sync/2.
-spec fd_datasync(#call{}, fd()) -> ok.
fd_datasync(Call, Fd) ->
    synchronize(wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_DATASYNC)).

%% @doc Nothing is done with the advice. Fails with `badf', `notcapable', `spipe' for a stream, `inval'.
-spec fd_advise(#call{}, fd(), u64(), u64(), 0..255) -> ok.
fd_advise(Call, Fd, Offset, Length, Advice) ->
    _ = seekable(Call, Fd, ?RIGHT_FD_ADVISE),
    case Advice =< 5 andalso Offset + Length =< ?MAX_SIZE of
        true -> ok;
        false -> wasm2beam_wasi_errno:fail(inval)
    end.

%% @doc Makes a file at least as long as the range demands. Fails with `badf', `notcapable', `isdir', `spipe', `inval'
%% for an empty range, `fbig', `rofs', and what the file system says.
-spec fd_allocate(#call{}, fd(), u64(), u64()) -> ok.
fd_allocate(Call, Fd, Offset, Length) ->
    {Fs, File} = file(seekable(Call, Fd, ?RIGHT_FD_ALLOCATE)),
    Length > 0 orelse wasm2beam_wasi_errno:fail(inval),
    Offset + Length =< ?MAX_SIZE orelse wasm2beam_wasi_errno:fail(fbig),
    case wasm2beam_wasi_fs:file_stat(Fs, File) of
        #{size := Size} when Size < Offset + Length -> wasm2beam_wasi_fs:truncate(Fs, File, Offset + Length);
        _ -> ok
    end.

%% Internal

%% A folder has none of these rights; what is wrong with it is that it is one. A stream has
%% no place to seek, whichever rights are asked for.
transferable(Call, Fd, Rights) ->
    capable_file(Call, Fd, Rights, transfer).

seekable(Call, Fd, Rights) ->
    capable_file(Call, Fd, Rights, seek).

capable_file(Call, Fd, Rights, Kind) ->
    case wasm2beam_wasi_state:descriptor(Call, Fd) of
        #descriptor{what = {dir, _, _}} when Rights band ?RIGHT_FD_ADVISE =:= 0 ->
            wasm2beam_wasi_errno:fail(isdir);
        #descriptor{what = {stream, _, _}} when Kind =:= seek; Rights band ?RIGHT_FD_SEEK =/= 0 ->
            wasm2beam_wasi_errno:fail(spipe);
        _ ->
            wasm2beam_wasi_state:capable(Call, Fd, Rights)
    end.

file(#descriptor{what = {file, Fs, File}}) -> {Fs, File}.

%% Vectors and the sum of their lengths; the place for the result is there as well.
target(Call, Array, Count, Result) ->
    Vectors = wasm2beam_wasi_guest:vectors(Call, Array, Count),
    wasm2beam_wasi_guest:check(Call, Result, 4),
    {Vectors, lists:sum([Length || {_, Length} <- Vectors])}.

deliver(Call, Vectors, Result, Bytes) ->
    wasm2beam_wasi_guest:scatter(Call, Vectors, Bytes),
    wasm2beam_wasi_guest:write_u32(Call, Result, byte_size(Bytes)).

read_file(_Fs, _File, _Offset, 0) -> <<>>;
read_file(Fs, File, Offset, Length) -> wasm2beam_wasi_fs:pread(Fs, File, Offset, Length).

write_file(_Descriptor, _Fs, _File, _Offset, <<>>) ->
    ok;
write_file(_Descriptor, _Fs, _File, Offset, Bytes) when Offset + byte_size(Bytes) > ?MAX_SIZE ->
    wasm2beam_wasi_errno:fail(fbig);
write_file(#descriptor{flags = Flags}, Fs, File, Offset, Bytes) ->
    wasm2beam_wasi_fs:pwrite(Fs, File, Offset, Bytes),
    case Flags band (?FDFLAG_DSYNC bor ?FDFLAG_SYNC) of
        0 -> ok;
        _ -> wasm2beam_wasi_fs:sync(Fs, File)
    end.

write_offset(#descriptor{flags = Flags}, Fs, File) when Flags band ?FDFLAG_APPEND =/= 0 ->
    maps:get(size, wasm2beam_wasi_fs:file_stat(Fs, File));
write_offset(#descriptor{offset = Offset}, _Fs, _File) ->
    Offset.

stream_value({ok, Bytes}) -> Bytes;
stream_value({error, Reason}) -> wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason)).

stream_done(_Call, ok) -> ok;
%% As the signal does to a program that does not look at the result.
stream_done(Call, {error, sigpipe}) -> wasm2beam_wasi_proc:proc_exit(Call, ?SIGPIPE_STATUS);
stream_done(_Call, {error, Reason}) -> wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason)).

%% Asking where the offset is needs the right to tell it only.
seek_right(0, current) -> ?RIGHT_FD_TELL;
seek_right(_Delta, _From) -> ?RIGHT_FD_SEEK.

whence(#call{version = preview1}, 0) -> set;
whence(#call{version = preview1}, 1) -> current;
whence(#call{version = preview1}, 2) -> 'end';
whence(#call{version = unstable}, 0) -> current;
whence(#call{version = unstable}, 1) -> 'end';
whence(#call{version = unstable}, 2) -> set;
whence(_Call, _Whence) -> wasm2beam_wasi_errno:fail(inval).

synchronize(#descriptor{what = {file, Fs, File}}) -> wasm2beam_wasi_fs:sync(Fs, File);
synchronize(#descriptor{what = {dir, _, _}}) -> ok.
