use crossbeam_channel::unbounded;
use std::thread;

fn main() {
    let (give, orders) = unbounded();
    let cook = thread::spawn(move || {
        for order in orders {
            println!("cooking {order}");
        }
        println!("the kitchen is clean");
    });

    give.send("soup").unwrap();
    give.send("fish").unwrap();
    println!("we are closing");
    drop(give);
    cook.join().unwrap();
}
