# Modules that tests compile at run time stay within the build folder.
Application.put_env(:wasm2beam, :cache, Path.expand("_build/test/wasm2beam_cache"))
ExUnit.start()
