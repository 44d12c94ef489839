use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

struct Channel {
    items: Mutex<VecDeque<u32>>,
    changed: Condvar,
}

impl Channel {
    fn send(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == 1 {
            items = self.changed.wait(items).unwrap();
        }
        items.push_back(item);
        self.changed.notify_one();
    }

    fn recv(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.changed.wait(items).unwrap();
        }
        self.changed.notify_one();
        items.pop_front().unwrap()
    }
}

fn main() {
    let channel = Channel {
        items: Mutex::new(VecDeque::new()),
        changed: Condvar::new(),
    };

    thread::scope(|scope| {
        scope.spawn(|| {
            channel.recv();
            channel.recv();
        });
        channel.send(1);
        channel.send(2);
    });
    println!("both were received");
}
