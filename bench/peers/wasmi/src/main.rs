//! The peer wasmi: runs kernels for `bench/peer.ts`, whose protocol this speaks.
//!
//! `wasmi_peer FOLDER`: the kernels are `FOLDER/NAME.wasm`.
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, error::Error, fs, io};

use wasmi::{Engine, Linker, Module, Store, TypedFunc};

struct Kernel {
    store: Store<()>,
    run: TypedFunc<i32, i32>,
}

fn load(folder: &Path, name: &str) -> Result<Kernel, Box<dyn Error>> {
    let engine = Engine::default();
    let module = Module::new(&engine, fs::read(folder.join(format!("{name}.wasm")))?)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&store, "run")?;
    Ok(Kernel { store, run })
}

/// The answer to one line: the checksum of `run(n)` and its nanoseconds.
fn answer(kernels: &mut HashMap<String, Kernel>, folder: &Path, line: &str) -> Result<String, Box<dyn Error>> {
    let (name, n) = line.split_once(' ').ok_or("a line is KERNEL N")?;
    if !kernels.contains_key(name) {
        kernels.insert(name.to_string(), load(folder, name)?);
    }
    let Kernel { store, run } = kernels.get_mut(name).ok_or("no kernel")?;
    let n: u32 = n.parse()?;
    let start = Instant::now();
    let checksum = run.call(&mut *store, n as i32)?;
    let nanoseconds = start.elapsed().as_nanos();
    Ok(format!("{} {nanoseconds}", checksum as u32))
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("usage: wasmi_peer FOLDER")?);
    let mut kernels = HashMap::new();
    let mut output = io::stdout();
    writeln!(output, "ready wasmi 2.0.0")?;
    for line in io::stdin().lock().lines() {
        match answer(&mut kernels, &folder, &line?) {
            Ok(text) => writeln!(output, "{text}")?,
            Err(error) => writeln!(output, "error {}", error.to_string().replace('\n', " "))?,
        }
        output.flush()?;
    }
    Ok(())
}
