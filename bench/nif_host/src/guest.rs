//! The guest's exports, found once, and what both kinds of instance do with them.
use std::panic::RefUnwindSafe;

use rustler::Resource;
use wasmtime::{Engine, Instance, Memory, Module, Result, Store, TypedFunc};

/// The module and its engine, shared by all instances.
pub struct Compiled {
    pub engine: Engine,
    pub module: Module,
}

#[rustler::resource_impl]
impl Resource for Compiled {}

/// Neither is changed once it is made, so that a panic leaves nothing half done.
impl RefUnwindSafe for Compiled {}

impl Compiled {
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let engine = Engine::default();
        let module = Module::new(&engine, bytes)?;
        Ok(Compiled { engine, module })
    }
}

/// A call of an export.
#[derive(Clone, Copy)]
pub enum Operation {
    Add(i32, i32),
    CallHost(i32),
}

impl Operation {
    /// Two arguments are for `add`, one is for `call_host`.
    pub fn new(a: i32, b: Option<i32>) -> Self {
        match b {
            Some(b) => Operation::Add(a, b),
            None => Operation::CallHost(a),
        }
    }
}

pub struct Guest<T: 'static> {
    pub store: Store<T>,
    pub memory: Memory,
    add: TypedFunc<(i32, i32), i32>,
    call_host: TypedFunc<i32, i32>,
}

impl<T: Send + 'static> Guest<T> {
    pub fn new(mut store: Store<T>, instance: Instance) -> Result<Self> {
        let add = instance.get_typed_func(&mut store, "add")?;
        let call_host = instance.get_typed_func(&mut store, "call_host")?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| wasmtime::format_err!("the guest exports no memory"))?;
        Ok(Guest { store, memory, add, call_host })
    }

    pub fn call(&mut self, operation: Operation) -> Result<i32> {
        match operation {
            Operation::Add(a, b) => self.add.call(&mut self.store, (a, b)),
            Operation::CallHost(n) => self.call_host.call(&mut self.store, n),
        }
    }

    pub async fn call_async(&mut self, operation: Operation) -> Result<i32> {
        match operation {
            Operation::Add(a, b) => self.add.call_async(&mut self.store, (a, b)).await,
            Operation::CallHost(n) => self.call_host.call_async(&mut self.store, n).await,
        }
    }
}
