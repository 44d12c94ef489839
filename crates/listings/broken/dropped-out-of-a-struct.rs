use crossbeam_channel::{Sender, unbounded};
use std::thread::{self, JoinHandle};

struct Kitchen {
    give: Sender<&'static str>,
    cook: Option<JoinHandle<()>>,
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        println!("waiting for the cook");
        self.cook.take().unwrap().join().unwrap();
    }
}

fn main() {
    let (give, orders) = unbounded();
    let cook = thread::spawn(move || orders.iter().for_each(|_| {}));
    let kitchen = Kitchen {
        give,
        cook: Some(cook),
    };

    kitchen.give.send("soup").unwrap();
    drop(kitchen.give);
}
