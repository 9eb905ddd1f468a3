%% Records and numbers that the modules of WASI preview 1 share. Only wasm2beam_wasi*.erl include it.

%% One call: where the state hangs, the guest and its memory, and whose layouts hold.
-record(call, {
    key :: wasm2beam_store:key(),
    instance :: wasm2beam:instance(),
    memory :: wasm2beam_memory:mem() | none,
    version :: preview1 | unstable
}).

%% What a WASI environment knows; the entry of the store under its key.
-record(wasi, {
    arguments :: [binary()],
    environment :: [binary()],
    clock :: wasm2beam_wasi_clock:clock(),
    %% Waits so many nanoseconds.
    sleep :: system | fun((non_neg_integer()) -> term()),
    random :: wasm2beam_wasi_random:random(),
    %% Standard input, output and error, also when the guest has closed them.
    streams :: [wasm2beam_wasi_stream:stream()],
    descriptors :: #{non_neg_integer() => term()},
    max_descriptors :: pos_integer()
}).

%% A file descriptor. What it is: a stream, an open file, or a folder as the names that lead to it from its root.
-record(descriptor, {
    what ::
        {stream, in | out, wasm2beam_wasi_stream:stream()}
        | {file, wasm2beam_wasi_fs:fs(), term()}
        | {dir, wasm2beam_wasi_fs:fs(), [binary()]},
    rights :: non_neg_integer(),
    inheriting = 0 :: non_neg_integer(),
    flags = 0 :: non_neg_integer(),
    offset = 0 :: non_neg_integer(),
    %% The guest's name of a folder that was given to it.
    preopened = none :: none | binary(),
    %% What fd_readdir goes on with, so that cookies keep their meaning while the folder changes.
    entries = none :: none | tuple()
}).

-define(RIGHT_FD_DATASYNC, 16#1).
-define(RIGHT_FD_READ, 16#2).
-define(RIGHT_FD_SEEK, 16#4).
-define(RIGHT_FD_FDSTAT_SET_FLAGS, 16#8).
-define(RIGHT_FD_SYNC, 16#10).
-define(RIGHT_FD_TELL, 16#20).
-define(RIGHT_FD_WRITE, 16#40).
-define(RIGHT_FD_ADVISE, 16#80).
-define(RIGHT_FD_ALLOCATE, 16#100).
-define(RIGHT_PATH_CREATE_DIRECTORY, 16#200).
-define(RIGHT_PATH_CREATE_FILE, 16#400).
-define(RIGHT_PATH_LINK_SOURCE, 16#800).
-define(RIGHT_PATH_LINK_TARGET, 16#1000).
-define(RIGHT_PATH_OPEN, 16#2000).
-define(RIGHT_FD_READDIR, 16#4000).
-define(RIGHT_PATH_READLINK, 16#8000).
-define(RIGHT_PATH_RENAME_SOURCE, 16#10000).
-define(RIGHT_PATH_RENAME_TARGET, 16#20000).
-define(RIGHT_PATH_FILESTAT_GET, 16#40000).
-define(RIGHT_PATH_FILESTAT_SET_SIZE, 16#80000).
-define(RIGHT_PATH_FILESTAT_SET_TIMES, 16#100000).
-define(RIGHT_FD_FILESTAT_GET, 16#200000).
-define(RIGHT_FD_FILESTAT_SET_SIZE, 16#400000).
-define(RIGHT_FD_FILESTAT_SET_TIMES, 16#800000).
-define(RIGHT_PATH_SYMLINK, 16#1000000).
-define(RIGHT_PATH_REMOVE_DIRECTORY, 16#2000000).
-define(RIGHT_PATH_UNLINK_FILE, 16#4000000).
-define(RIGHT_POLL_FD_READWRITE, 16#8000000).

-define(RIGHTS_ALL, 16#3FFFFFFF).
%% Those that mean something for a stream, an open file and a folder.
-define(RIGHTS_STREAM, 16#820004A).
-define(RIGHTS_FILE, 16#8E001FF).
-define(RIGHTS_DIR, 16#7BFFE99).

-define(FDFLAG_APPEND, 1).
-define(FDFLAG_DSYNC, 2).
-define(FDFLAG_NONBLOCK, 4).
-define(FDFLAG_SYNC, 16).
-define(FDFLAGS_ALL, 16#1F).
