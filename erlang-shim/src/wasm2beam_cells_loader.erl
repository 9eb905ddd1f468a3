%% Loads `wasm2beam_cells', the access functions of in-place tuples.
%%
%% That module is written in BEAM assembly and its Type chunk depends on the release, so that it lies in
%% `priv/otpN/wasm2beam_cells.beam' instead of being compiled with the application. It is never replaced once loaded.
-module(wasm2beam_cells_loader).

-export([ensure/0, priv/0, check_machine/1]).

%% @doc Loads the variant for the running release unless the module is loaded already.
%% Raises `{wasm_error, no_cells}' where the file is missing, e.g. in a checkout without set-up, and
%% `{wasm_error, narrow_machine}' on a 32-bit virtual machine, whose small integers cannot hold a word.
-spec ensure() -> ok.
ensure() ->
    case erlang:module_loaded(wasm2beam_cells) of
        true -> ok;
        false ->
            check_machine(erlang:system_info(wordsize)),
            load()
    end.

%% @doc The folder of the runtime's files, beside this module. code:priv_dir/1 would take any folder of the code path that is named wasm2beam-SOMETHING.
-spec priv() -> file:filename().
priv() ->
    case code:which(?MODULE) of
        File when is_list(File) ->
            filename:join(filename:dirname(filename:dirname(filename:absname(File))), "priv");
        %% Cover compiled.
        _ ->
            code:priv_dir(wasm2beam)
    end.

%% @doc Raises `{wasm_error, narrow_machine}' for a virtual machine whose words have not 8 bytes.
-spec check_machine(Wordsize :: 4 | 8) -> ok.
check_machine(8) -> ok;
check_machine(_) -> wasm2beam_error:raise(narrow_machine).

%% Internal

%% Through the code path, because ensure_loaded does nothing when another process was faster, where load_abs would load
%% a second time and purge the code that others are running.
load() ->
    _ = code:add_pathz(filename:join(priv(), variant())),
    case code:ensure_loaded(wasm2beam_cells) of
        {module, wasm2beam_cells} -> ok;
        {error, embedded} -> load_embedded();
        {error, _} -> wasm2beam_error:raise(no_cells)
    end.

load_embedded() ->
    case code:load_file(wasm2beam_cells) of
        {module, wasm2beam_cells} -> ok;
        {error, _} -> wasm2beam_error:raise(no_cells)
    end.

variant() ->
    case list_to_integer(erlang:system_info(otp_release)) of
        25 -> "otp25";
        26 -> "otp26";
        _ -> "otp27"
    end.
