//! What is inlined where, in Rust: the tests find lines by the marks behind them.
mod numbers {
    /// Reads beyond the memory where `b` is 0.
    #[inline(always)]
    pub fn divide(a: i32, b: i32) -> i32 {
        a ^ unsafe { std::ptr::read_volatile((4 * b - 4) as usize as *const i32) } // read
    }
}

#[inline(always)]
fn half(a: i32, b: i32) -> i32 {
    numbers::divide(a, b) + 1 // half
}

#[inline(never)]
fn work(a: i32, b: i32) -> i32 {
    let first = half(a, b); // first
    first + numbers::divide(a, b - 1) // second
}

fn main() {
    let count = std::env::args().count() as i32;
    println!("{}", work(count, count - 1)); // main
}
