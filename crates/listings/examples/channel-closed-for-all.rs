use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

struct Channel {
    state: Mutex<State>,
    arrived: Condvar,
    taken: Condvar,
}

struct State {
    items: VecDeque<u32>,
    is_closed: bool,
}

impl Channel {
    fn send(&self, item: u32) {
        let mut state = self.state.lock().unwrap();
        while state.items.len() == 1 {
            state = self.taken.wait(state).unwrap();
        }
        state.items.push_back(item);
        self.arrived.notify_one();
    }

    fn recv(&self) -> Option<u32> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.is_closed {
            state = self.arrived.wait(state).unwrap();
        }
        self.taken.notify_one();
        state.items.pop_front()
    }

    fn close(&self) {
        self.state.lock().unwrap().is_closed = true;
        self.arrived.notify_all();
    }
}

fn main() {
    let channel = Channel {
        state: Mutex::new(State {
            items: VecDeque::new(),
            is_closed: false,
        }),
        arrived: Condvar::new(),
        taken: Condvar::new(),
    };

    thread::scope(|scope| {
        for reader in ["Pam", "Jim"] {
            let channel = &channel;
            scope.spawn(move || {
                while let Some(item) = channel.recv() {
                    println!("{reader} got {item}");
                }
            });
        }
        channel.send(1);
        channel.send(2);
        channel.close();
    });
    println!("all read");
}
