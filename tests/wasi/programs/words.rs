//! Rust's standard library: collections, text, closures, traits, files, environment, time, and a panic. Counts the words
//! of standard input and keeps files in the folder `work`.
use std::cell::RefCell;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::fs;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

trait Shape {
    fn area(&self) -> f64;
}

struct Circle(f64);
struct Rectangle {
    width: f64,
    height: f64,
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        std::f64::consts::PI * self.0 * self.0
    }
}

impl Shape for Rectangle {
    fn area(&self) -> f64 {
        self.width * self.height
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Operator(char),
    Open,
    Close,
}

#[derive(Debug)]
struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "cannot read {}", self.0)
    }
}

impl std::error::Error for ParseError {}

fn tokens(text: &str) -> Result<VecDeque<Token>, Box<dyn std::error::Error>> {
    let mut found = VecDeque::new();
    let mut rest = text.chars().peekable();
    while let Some(&next) = rest.peek() {
        match next {
            ' ' => {
                rest.next();
            }
            '0'..='9' => {
                let mut digits = String::new();
                while let Some(&digit) = rest.peek().filter(|c| c.is_ascii_digit() || **c == '.') {
                    digits.push(digit);
                    rest.next();
                }
                found.push_back(Token::Number(digits.parse()?));
            }
            '(' | ')' | '+' | '-' | '*' | '/' => {
                found.push_back(match next {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    other => Token::Operator(other),
                });
                rest.next();
            }
            other => return Err(Box::new(ParseError(format!("{:?}", other)))),
        }
    }
    Ok(found)
}

fn sum(tokens: &mut VecDeque<Token>) -> f64 {
    let mut value = product(tokens);
    while let Some(Token::Operator(sign @ ('+' | '-'))) = tokens.front().cloned() {
        tokens.pop_front();
        let next = product(tokens);
        value = if sign == '+' { value + next } else { value - next };
    }
    value
}

fn product(tokens: &mut VecDeque<Token>) -> f64 {
    let mut value = factor(tokens);
    while let Some(Token::Operator(sign @ ('*' | '/'))) = tokens.front().cloned() {
        tokens.pop_front();
        let next = factor(tokens);
        value = if sign == '*' { value * next } else { value / next };
    }
    value
}

fn factor(tokens: &mut VecDeque<Token>) -> f64 {
    match tokens.pop_front() {
        Some(Token::Number(value)) => value,
        Some(Token::Open) => {
            let value = sum(tokens);
            tokens.pop_front();
            value
        }
        _ => f64::NAN,
    }
}

fn count_words() -> io::Result<()> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in io::stdin().lock().lines() {
        for word in line?.split_whitespace() {
            let word = word.trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut ranked: Vec<_> = counts.iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    println!("{} words", ranked.len());
    for (word, count) in ranked.iter().take(5) {
        println!("{:<8}{:>4}", word, count);
    }
    Ok(())
}

fn collections() {
    let mut state = 12345u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut numbers: Vec<u64> = (0..20000).map(|_| draw() % 100000).collect();
    let distinct: HashSet<u64> = numbers.iter().copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    println!("{} distinct, {} left, median {}", distinct.len(), numbers.len(), numbers[numbers.len() / 2]);
    let mut groups: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for number in numbers.iter().step_by(997) {
        groups.entry(number % 7).or_default().push(*number);
    }
    println!("{:?}", groups);
    let mut heap: BinaryHeap<_> = numbers.iter().map(|n| n % 1009).collect();
    println!("{:?}", (0..5).filter_map(|_| heap.pop()).collect::<Vec<_>>());
    let big = (1..=30u128).product::<u128>();
    println!("{} {:x} {}", big, big, u64::MAX.wrapping_mul(big as u64));
}

fn text() {
    println!("{:?} {:e} {} {} {}", 0.1 + 0.2, 1234.5, f64::MAX, f32::MIN_POSITIVE, 1e21);
    println!("{:08.3}|{:+}|{:#x}|{:#010b}|{:>5}|{:^7}|", -3.14159, 7, 255, 5, "ab", "mid");
    println!("{} {:?}", "grüße, 世界 🦀".to_uppercase(), "tab\tü\u{1}".chars().rev().collect::<String>());
    println!("{:?}", "a=1;b=2;c".split(';').map(|pair| pair.split_once('=')).collect::<Vec<_>>());
    for source in ["1 + 2 * 3", "(1 + 2) * 3 / 4 - 5", "2 & 3", "1..2"] {
        match tokens(source) {
            Ok(mut found) => println!("{} = {}", source, sum(&mut found)),
            Err(error) => println!("{}: {}", source, error),
        }
    }
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Circle(1.5)), Box::new(Rectangle { width: 2.0, height: 3.0 })];
    println!("{:.6}", shapes.iter().map(|shape| shape.area()).sum::<f64>());
    let shared = Rc::new(RefCell::new(Vec::new()));
    let pushers: Vec<Box<dyn Fn(i32)>> = (1..4)
        .map(|factor| {
            let shared = Rc::clone(&shared);
            Box::new(move |value| shared.borrow_mut().push(value * factor)) as Box<dyn Fn(i32)>
        })
        .collect();
    pushers.iter().for_each(|push| push(10));
    println!("{:?} {}", shared.borrow(), Rc::strong_count(&shared));
}

fn files() -> io::Result<()> {
    fs::create_dir_all("/work/a/b")?;
    let mut file = fs::File::create("/work/a/b/numbers")?;
    for number in 0..1000 {
        writeln!(file, "{}", number)?;
    }
    drop(file);
    let mut file = fs::OpenOptions::new().read(true).append(true).open("/work/a/b/numbers")?;
    file.write_all(b"end")?;
    file.seek(SeekFrom::Start(3885))?;
    let mut rest = String::new();
    file.read_to_string(&mut rest)?;
    println!("{:?} {}", rest, fs::metadata("/work/a/b/numbers")?.len());
    fs::copy("/work/a/b/numbers", "/work/a/copy")?;
    fs::rename("/work/a/copy", "/work/a/moved")?;
    let mut names: Vec<_> = fs::read_dir("/work/a")?.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    println!("{:?}", names);
    println!("{:?}", fs::remove_dir("/work/a").map_err(|error| error.raw_os_error().is_some()));
    println!("{:?}", fs::read("/work/none").map_err(|error| error.kind()));
    fs::remove_dir_all("/work/a")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{:?} {:?} {:?}", arguments, std::env::var("NAME"), std::env::var("NONE"));
    count_words().unwrap();
    collections();
    text();
    files().unwrap();
    let before = Instant::now();
    std::thread::sleep(Duration::from_millis(2));
    let year = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 31_556_952 + 1970;
    println!("{} {}", before.elapsed() >= Duration::from_millis(2), year >= 2024);
    let index = arguments.len() + 6;
    println!("{}", [1, 2, 3][index]);
}
