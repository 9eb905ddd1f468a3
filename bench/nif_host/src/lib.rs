//! A NIF host of wasmtime for the benchmark: the guest `bench/kernels/boundary.c` in three ways.
//!
//! `start/3` runs an export on another thread, as the known NIF hosts do: the result comes as a message `{done, Value}`,
//! a host call as `{host, Value}`, which blocks that thread until `resume/2`. `fiber_start/3` runs it on the caller's
//! scheduler and returns what would have been the message. `direct/3` is a plain call without host functions.
mod fiber;
mod guest;
mod threaded;

use fiber::Fiber;
use guest::{Compiled, Operation};
use rustler::{Atom, Binary, Encoder, Env, Error, NewBinary, NifResult, ResourceArc, Term};
use threaded::Threaded;

mod atoms {
    rustler::atoms! { ok, done, host }
}

/// Where an export stopped.
pub enum Progress {
    Done(i32),
    /// It called the host function with this argument.
    Host(i32),
}

impl Encoder for Progress {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        match self {
            Progress::Done(value) => (atoms::done(), value).encode(env),
            Progress::Host(value) => (atoms::host(), value).encode(env),
        }
    }
}

/// Wasmtime's errors and lost threads as Erlang exceptions.
fn raise(error: impl std::fmt::Display) -> Error {
    Error::RaiseTerm(Box::new(error.to_string()))
}

#[rustler::nif(schedule = "DirtyCpu")]
fn compile(bytes: Binary) -> NifResult<ResourceArc<Compiled>> {
    Compiled::new(bytes.as_slice()).map(ResourceArc::new).map_err(raise)
}

#[rustler::nif]
fn instantiate(compiled: ResourceArc<Compiled>) -> NifResult<ResourceArc<Threaded>> {
    Threaded::new(&compiled).map(ResourceArc::new).map_err(raise)
}

#[rustler::nif]
fn start(env: Env, instance: ResourceArc<Threaded>, a: i32, b: Option<i32>) -> Atom {
    let caller = env.pid();
    threaded::run(Box::new(move || instance.call(caller, Operation::new(a, b))));
    atoms::ok()
}

#[rustler::nif]
fn resume(instance: ResourceArc<Threaded>, value: i64) -> NifResult<Atom> {
    instance.resume(value as i32).map_err(raise)?;
    Ok(atoms::ok())
}

#[rustler::nif]
fn direct(instance: ResourceArc<Threaded>, a: i32, b: i32) -> NifResult<i32> {
    instance.direct(Operation::Add(a, b)).map_err(raise)
}

#[rustler::nif]
fn read<'a>(env: Env<'a>, instance: ResourceArc<Threaded>, offset: usize, length: usize) -> NifResult<Binary<'a>> {
    let mut binary = NewBinary::new(env, length);
    instance.read(offset, binary.as_mut_slice()).map_err(raise)?;
    Ok(binary.into())
}

#[rustler::nif]
fn write(instance: ResourceArc<Threaded>, offset: usize, bytes: Binary) -> NifResult<Atom> {
    instance.write(offset, bytes.as_slice()).map_err(raise)?;
    Ok(atoms::ok())
}

#[rustler::nif]
fn fiber_instantiate(compiled: ResourceArc<Compiled>) -> NifResult<ResourceArc<Fiber>> {
    Fiber::new(&compiled).map(ResourceArc::new).map_err(raise)
}

#[rustler::nif]
fn fiber_start(instance: ResourceArc<Fiber>, a: i32, b: Option<i32>) -> NifResult<Progress> {
    instance.start(Operation::new(a, b)).map_err(raise)
}

#[rustler::nif]
fn fiber_resume(instance: ResourceArc<Fiber>, value: i64) -> NifResult<Progress> {
    instance.resume(value as i32).map_err(raise)
}

rustler::init!("bench_nif");
