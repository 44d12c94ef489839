use crossbeam_channel::{Sender, unbounded};
use std::thread::{self, JoinHandle};

struct Kitchen {
    give: Option<Sender<&'static str>>,
    cook: Option<JoinHandle<()>>,
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        self.give = None;
        println!("waiting for the cook");
        self.cook.take().unwrap().join().unwrap();
    }
}

fn main() {
    let (give, orders) = unbounded();
    let cook = thread::spawn(move || orders.iter().for_each(|_| {}));
    let kitchen = Kitchen {
        give: Some(give),
        cook: Some(cook),
    };

    kitchen.give.as_ref().unwrap().send("soup").unwrap();
}
