//! Instances that run on a stack of their own, which a host call leaves: no other thread and no message takes part.
use std::future::{poll_fn, Future};
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use rustler::Resource;
use wasmtime::{format_err, Caller, Linker, Result, Store};

use crate::guest::{Compiled, Guest, Operation};
use crate::Progress;

/// A value on its way between the host function and Erlang.
#[derive(Default)]
struct Exchange {
    asked: Mutex<Option<i32>>,
    answer: Mutex<Option<i32>>,
}

fn take(cell: &Mutex<Option<i32>>) -> Option<i32> {
    cell.lock().ok()?.take()
}

fn put(cell: &Mutex<Option<i32>>, value: i32) {
    if let Ok(mut content) = cell.lock() {
        *content = Some(value);
    }
}

type Call = Pin<Box<dyn Future<Output = (Guest<()>, Result<i32>)> + Send>>;

enum State {
    Idle(Guest<()>),
    Running(Call),
    /// Taken by a call that is being polled, or lost by one that failed.
    Taken,
}

pub struct Fiber {
    state: Mutex<State>,
    exchange: Arc<Exchange>,
}

#[rustler::resource_impl]
impl Resource for Fiber {}

impl Fiber {
    pub fn new(Compiled { engine, module }: &Compiled) -> Result<Self> {
        let exchange = Arc::new(Exchange::default());
        let mut linker: Linker<()> = Linker::new(engine);
        let inner = exchange.clone();
        linker.func_wrap_async("env", "step", move |_: Caller<'_, ()>, (value,): (i32,)| {
            let exchange = inner.clone();
            Box::new(async move {
                put(&exchange.asked, value);
                poll_fn(|_| take(&exchange.answer).map_or(Poll::Pending, Poll::Ready)).await
            })
        })?;
        let mut store = Store::new(engine, ());
        let mut instantiation = Box::pin(async move {
            let instance = linker.instantiate_async(&mut store, module).await?;
            Guest::new(store, instance)
        });
        match instantiation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(guest) => Ok(Fiber { state: Mutex::new(State::Idle(guest?)), exchange }),
            Poll::Pending => Err(format_err!("the guest waits while it is instantiated")),
        }
    }

    /// Calls an export until it ends or calls the host function.
    pub fn start(&self, operation: Operation) -> Result<Progress> {
        match self.take()? {
            State::Idle(mut guest) => self.poll(Box::pin(async move {
                let result = guest.call_async(operation).await;
                (guest, result)
            })),
            _ => Err(format_err!("the instance is busy")),
        }
    }

    /// Goes on with what the host function returned.
    pub fn resume(&self, value: i32) -> Result<Progress> {
        match self.take()? {
            State::Running(call) => {
                put(&self.exchange.answer, value);
                self.poll(call)
            }
            _ => Err(format_err!("no host call is open")),
        }
    }

    fn take(&self) -> Result<State> {
        let mut state = self.state.lock().map_err(|error| format_err!("{error}"))?;
        Ok(mem::replace(&mut *state, State::Taken))
    }

    fn poll(&self, mut call: Call) -> Result<Progress> {
        let (state, progress) = match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready((guest, result)) => (State::Idle(guest), Progress::Done(result?)),
            Poll::Pending => {
                let asked = take(&self.exchange.asked).ok_or_else(|| format_err!("nothing was asked"))?;
                (State::Running(call), Progress::Host(asked))
            }
        };
        *self.state.lock().map_err(|error| format_err!("{error}"))? = state;
        Ok(progress)
    }
}
