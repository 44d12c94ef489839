use std::sync::Mutex;
use std::thread;

fn dine(name: &str, first: &Mutex<()>, second: &Mutex<()>) {
    let _first = first.lock().unwrap();
    let _second = second.lock().unwrap();
    println!("{name} eats");
}

fn main() {
    let north = Mutex::new(());
    let east = Mutex::new(());
    let west = Mutex::new(());

    thread::scope(|scope| {
        scope.spawn(|| dine("Plato", &north, &east));
        scope.spawn(|| dine("Hypatia", &east, &west));
        scope.spawn(|| dine("Kant", &north, &west));
    });
}
