use crossbeam_channel::{Receiver, bounded, select_biased, unbounded};
use std::thread;

fn cook(orders: Receiver<&str>, closing: Receiver<()>) {
    loop {
        select_biased! {
            recv(closing) -> _ => break,
            recv(orders) -> order => println!("cooking {}", order.unwrap()),
        }
    }
    println!("{} left undone", orders.len());
}

fn main() {
    let (give, orders) = unbounded();
    let (open, closing) = bounded::<()>(0);
    give.send("soup").unwrap();
    give.send("fish").unwrap();

    let cook = thread::spawn(move || cook(orders, closing));
    drop(open);
    cook.join().unwrap();
}
