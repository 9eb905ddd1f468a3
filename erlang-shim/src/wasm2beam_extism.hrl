%% What a plug-in is made of, as it hangs in the store of its process.
-record(plugin, {
    %% Where other processes find what they cancel.
    board :: wasm2beam_extism_board:board(),
    %% The memory of blocks.
    kernel :: wasm2beam_extism_kernel:key(),
    %% What the memory of blocks and those of the modules may have together; none where the manifest sets no bound.
    budget :: none | wasm2beam_budget:budget(),
    manifest :: wasm2beam_extism_manifest:manifest(),
    %% Compiled, with their names in the manifest; the main one last.
    modules :: wasm2beam_extism_source:modules(),
    %% Types of the functions that the main one exports.
    exports :: #{binary() => {[wasm2beam_value:type()], [wasm2beam_value:type()]}},
    functions :: [wasm2beam_extism_function:function_()],
    %% Options of its WASI environment, or none.
    wasi :: none | wasm2beam_wasi:options(),
    log_level :: wasm2beam_extism_log:level(),
    %% The instances, main first; none before the first one and after `_start'.
    instances = [] :: [wasm2beam:instance()],
    environment = none :: none | wasm2beam_wasi:wasi(),
    vars = #{} :: #{binary() => binary()},
    %% What they take of the manifest's bound.
    vars_bytes = 0 :: non_neg_integer(),
    http_status = 0 :: non_neg_integer(),
    http_headers = #{} :: #{binary() => binary()},
    %% Of the call that runs: when it has to be over, in milliseconds of the monotonic time.
    running = false :: false | {true, Deadline :: infinity | integer()},
    context = undefined :: term()
}).
