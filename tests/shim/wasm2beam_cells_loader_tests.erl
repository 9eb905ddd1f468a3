-module(wasm2beam_cells_loader_tests).

-include_lib("eunit/include/eunit.hrl").

narrow_machine_test() ->
    ok = wasm2beam_cells_loader:check_machine(8),
    try wasm2beam_cells_loader:check_machine(4) of
        ok -> error(not_refused)
    catch
        error:{wasm_error, narrow_machine} = Reason:Stack ->
            #{general := Text} = wasm2beam_error:format_error(Reason, Stack),
            ?assertEqual(<<"wasm2beam needs a 64-bit Erlang virtual machine">>, Text)
    end.
