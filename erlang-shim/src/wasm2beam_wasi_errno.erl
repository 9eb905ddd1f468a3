%% Error codes of WASI preview 1. Calls give up by fail/1, whose exception wasm2beam_wasi_calls turns into the code.
-module(wasm2beam_wasi_errno).

-export([fail/1, code/1, of_posix/1]).

-export_type([errno/0]).

%% A code by its name in the specification, without ERRNO_.
-type errno() :: atom().

%% @doc Ends the call with this error.
-spec fail(errno()) -> no_return().
fail(Errno) ->
    throw({wasi_errno, Errno}).

%% @doc The number of a code.
-spec code(errno()) -> 1..76.
code('2big') -> 1;
code(acces) -> 2;
code(badf) -> 8;
code(busy) -> 10;
code(dquot) -> 19;
code(exist) -> 20;
code(fault) -> 21;
code(fbig) -> 22;
code(ilseq) -> 25;
code(inval) -> 28;
code(io) -> 29;
code(isdir) -> 31;
code(loop) -> 32;
code(mfile) -> 33;
code(mlink) -> 34;
code(nametoolong) -> 37;
code(nfile) -> 41;
code(noent) -> 44;
code(nomem) -> 48;
code(nospc) -> 51;
code(nosys) -> 52;
code(notdir) -> 54;
code(notempty) -> 55;
code(notsock) -> 57;
code(notsup) -> 58;
code(overflow) -> 61;
code(perm) -> 63;
code(pipe) -> 64;
code(range) -> 68;
code(rofs) -> 69;
code(spipe) -> 70;
code(txtbsy) -> 74;
code(xdev) -> 75;
code(notcapable) -> 76.

%% @doc What an error of a file system is for the guest. One that has no name of its own is an error of input and
%% output.
-spec of_posix(term()) -> errno().
of_posix(eacces) -> acces;
of_posix(ebadf) -> badf;
of_posix(ebusy) -> busy;
of_posix(edquot) -> dquot;
of_posix(eexist) -> exist;
of_posix(efbig) -> fbig;
of_posix(eilseq) -> ilseq;
of_posix(einval) -> inval;
of_posix(badarg) -> inval;
of_posix(eisdir) -> isdir;
of_posix(eloop) -> loop;
of_posix(emfile) -> mfile;
of_posix(emlink) -> mlink;
of_posix(enametoolong) -> nametoolong;
of_posix(enfile) -> nfile;
of_posix(enoent) -> noent;
of_posix(enomem) -> nomem;
of_posix(enospc) -> nospc;
of_posix(enosys) -> nosys;
of_posix(enotdir) -> notdir;
of_posix(enotempty) -> notempty;
of_posix(enotsup) -> notsup;
of_posix(eperm) -> perm;
of_posix(epipe) -> pipe;
of_posix(erofs) -> rofs;
of_posix(espipe) -> spipe;
of_posix(etxtbsy) -> txtbsy;
of_posix(exdev) -> xdev;
of_posix(_) -> io.
