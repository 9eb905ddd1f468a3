//! A NIF host of wasmtime.
