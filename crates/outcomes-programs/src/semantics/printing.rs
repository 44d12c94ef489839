//! Printing, of std.

use super::programs;
use std::io::{self, Write};
use std::thread;

programs! {
    a_line_is_one_piece: any ["1 and 2\n3 and 4\n", "3 and 4\n1 and 2\n"];
    pieces_of_a_line_mix: any ["12\n\n", "1\n2\n", "21\n\n", "2\n1\n"];
    every_way_to_print: any ["a1b\n{}\n\n  7|007\nc\nd"];
    errors_are_not_output: any ["2\n"];
    writing_to_stdout: any ["one 1\ntwo\n"];
    main_prints_last: any ["half"];
}

fn a_line_is_one_piece() {
    let thread = thread::spawn(|| println!("{} and {}", 1, 2));
    println!("{} and {}", 3, 4);
    thread.join().unwrap();
}

fn pieces_of_a_line_mix() {
    let print = |what: &str| {
        print!("{what}");
        println!();
    };
    let thread = thread::spawn(move || print("1"));
    print("2");
    thread.join().unwrap();
}

fn every_way_to_print() {
    let (b, seven) = ("b", 7);
    print!("a");
    println!("{}{b}", 1);
    println!("{{}}");
    println!();
    println!("{seven:3}|{seven:0>3}");
    print!("c\nd");
}

fn errors_are_not_output() {
    eprint!("not this");
    eprintln!(" nor this {}", 1);
    let two = dbg!(1 + 1);
    println!("{two}");
}

fn writing_to_stdout() {
    let mut stdout = io::stdout();
    writeln!(stdout, "one {}", 1).unwrap();
    stdout.write_all(b"two\n").unwrap();
    stdout.flush().unwrap();
}

fn main_prints_last() {
    print!("half");
}
