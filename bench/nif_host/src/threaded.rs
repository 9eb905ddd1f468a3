//! Instances that run on threads of a pool and speak to Erlang by messages.
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustler::{LocalPid, OwnedEnv, Resource};
use wasmtime::{format_err, Caller, Linker, Result, Store};

use crate::guest::{Compiled, Guest, Operation};
use crate::Progress;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that wait for a job, by the channel that gives them one.
static IDLE: Mutex<Vec<Sender<Job>>> = Mutex::new(Vec::new());

/// Runs a job on an idle thread, or on a new one if there is none.
pub fn run(job: Job) {
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    // A thread ends only with the program, so that its channel is open.
    let _ = idle.unwrap_or_else(spawn).send(job);
}

fn spawn() -> Sender<Job> {
    let (sender, jobs) = channel::<Job>();
    let own = sender.clone();
    thread::spawn(move || {
        for job in jobs {
            job();
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(own.clone());
        }
    });
    sender
}

/// What the host function needs: whom to ask, by which environment, and where the answer comes.
struct Host {
    caller: Option<LocalPid>,
    messages: OwnedEnv,
    answers: Receiver<i32>,
}

impl Host {
    fn send(&mut self, progress: Progress) {
        if let Some(caller) = self.caller {
            // A caller that is gone needs no answer.
            let _ = self.messages.send_and_clear(&caller, |_| progress);
        }
    }

    /// Asks the caller and blocks this thread until it answers.
    fn ask(&mut self, value: i32) -> Result<i32> {
        self.send(Progress::Host(value));
        self.answers.recv().map_err(|error| format_err!("{error}"))
    }
}

pub struct Threaded {
    guest: Mutex<Guest<Host>>,
    answers: Sender<i32>,
}

#[rustler::resource_impl]
impl Resource for Threaded {}

impl Threaded {
    pub fn new(Compiled { engine, module }: &Compiled) -> Result<Self> {
        let (sender, answers) = channel();
        let host = Host { caller: None, messages: OwnedEnv::new(), answers };
        let mut linker = Linker::new(engine);
        linker.func_wrap("env", "step", |mut caller: Caller<'_, Host>, value: i32| caller.data_mut().ask(value))?;
        let mut store = Store::new(engine, host);
        let instance = linker.instantiate(&mut store, module)?;
        Ok(Threaded { guest: Mutex::new(Guest::new(store, instance)?), answers: sender })
    }

    /// Calls an export and sends the caller its result; for a thread that is not Erlang's.
    pub fn call(&self, caller: LocalPid, operation: Operation) {
        let Ok(mut guest) = self.guest.lock() else { return };
        guest.store.data_mut().caller = Some(caller);
        if let Ok(value) = guest.call(operation) {
            guest.store.data_mut().send(Progress::Done(value));
        }
    }

    /// Answers the host call that is open.
    pub fn resume(&self, value: i32) -> Result<()> {
        self.answers.send(value).map_err(|error| format_err!("{error}"))
    }

    /// Calls an export on this thread.
    pub fn direct(&self, operation: Operation) -> Result<i32> {
        self.locked(|guest| guest.call(operation))
    }

    pub fn read(&self, offset: usize, bytes: &mut [u8]) -> Result<()> {
        self.locked(|guest| Ok(guest.memory.read(&guest.store, offset, bytes)?))
    }

    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.locked(|guest| Ok(guest.memory.write(&mut guest.store, offset, bytes)?))
    }

    fn locked<R>(&self, action: impl FnOnce(&mut Guest<Host>) -> Result<R>) -> Result<R> {
        action(&mut *self.guest.lock().map_err(|error| format_err!("{error}"))?)
    }
}
