use std::cell::Cell;
use std::sync::Mutex;
use std::thread;

fn main() {
    let visits = Mutex::new(Cell::new(0));

    thread::scope(|scope| {
        for visitor in ["Pam", "Jim"] {
            let visits = &visits;
            scope.spawn(move || {
                let visits = visits.lock().unwrap();
                visits.set(visits.get() + 1);
                println!("{visitor} is visitor number {}", visits.get());
            });
        }
    });
}
