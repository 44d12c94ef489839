use std::sync::Mutex;
use std::thread;

fn dine(name: &str, left: &Mutex<()>, right: &Mutex<()>) {
    loop {
        let _left = left.lock().unwrap();
        if let Ok(_right) = right.try_lock() {
            return println!("{name} eats");
        }
    }
}

fn main() {
    let north = Mutex::new(());
    let east = Mutex::new(());
    let west = Mutex::new(());

    thread::scope(|scope| {
        scope.spawn(|| dine("Plato", &north, &east));
        scope.spawn(|| dine("Hypatia", &east, &west));
        scope.spawn(|| dine("Kant", &west, &north));
    });
}
