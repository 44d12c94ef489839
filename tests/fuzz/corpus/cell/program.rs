%%run 10
%%outcomes
use std::thread;
#![allow(unused)]
macro_rules! m { () => { fn main() {} } }
// fn main() {}
fn main() { let s = r#"fn main() {"#; let c = '"'; /* { */ println!("{s}{c}"); }
