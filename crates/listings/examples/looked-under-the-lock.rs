use std::sync::{Condvar, Mutex};
use std::thread;

struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn new() -> Gate {
        Gate {
            is_open: Mutex::new(false),
            opened: Condvar::new(),
        }
    }

    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let mut is_open = self.is_open.lock().unwrap();
        while !*is_open {
            is_open = self.opened.wait(is_open).unwrap();
        }
    }
}

fn main() {
    let gate = Gate::new();

    thread::scope(|scope| {
        scope.spawn(|| gate.pass());
        gate.open();
    });

    println!("the gate was passed");
}
