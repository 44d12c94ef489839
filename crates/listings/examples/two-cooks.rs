use crossbeam_channel::unbounded;
use std::thread;

fn main() {
    let (give, orders) = unbounded();
    let mut cooks = Vec::new();
    for _ in 0..2 {
        let orders = orders.clone();
        cooks.push(thread::spawn(move || {
            for order in orders {
                println!("cooking {order}");
            }
            println!("the kitchen is clean");
        }));
    }
    drop(orders);

    give.send("soup").unwrap();
    give.send("fish").unwrap();
    println!("we are closing");
    drop(give);
    for cook in cooks {
        cook.join().unwrap();
    }
}
