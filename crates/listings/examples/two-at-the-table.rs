use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Mutex;
use std::thread;

type Table = (Sender<()>, Receiver<()>);

fn dine(name: &str, table: &Table, left: &Mutex<()>, right: &Mutex<()>) {
    table.0.send(()).unwrap();
    let _left = left.lock().unwrap();
    let _right = right.lock().unwrap();
    println!("{name} eats");
    table.1.recv().unwrap();
}

fn main() {
    let table = bounded(2);
    let north = Mutex::new(());
    let east = Mutex::new(());
    let west = Mutex::new(());

    thread::scope(|scope| {
        scope.spawn(|| dine("Plato", &table, &north, &east));
        scope.spawn(|| dine("Hypatia", &table, &east, &west));
        scope.spawn(|| dine("Kant", &table, &west, &north));
    });
}
