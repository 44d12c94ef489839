extern crate core;
#![feature(x)]
let x = 1;
:dep a = "1"
#[test] fn a() {}
