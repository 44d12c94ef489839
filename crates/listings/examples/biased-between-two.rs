use crossbeam_channel::{bounded, select_biased};
use std::thread;

fn main() {
    let (ask_pam, pam) = bounded(1);
    let (ask_jim, jim) = bounded(1);

    thread::spawn(move || ask_pam.send("Pam knows"));
    thread::spawn(move || ask_jim.send("Jim knows"));

    select_biased! {
        recv(pam) -> answer => println!("{}", answer.unwrap()),
        recv(jim) -> answer => println!("{}", answer.unwrap()),
    }
}
