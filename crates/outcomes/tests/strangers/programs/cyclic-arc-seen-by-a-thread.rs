// Arc::new_cyclic: nobody can upgrade before the value is there.
use std::sync::{Arc, Weak};
use std::thread;

struct Node {
    me: Weak<Node>,
    number: u32,
}

fn main() {
    let node = Arc::new_cyclic(|me| {
        println!("{:?}", me.upgrade().is_none());
        Node {
            me: me.clone(),
            number: 4,
        }
    });
    let theirs = Weak::clone(&node.me);
    let thread = thread::spawn(move || theirs.upgrade().map(|node| node.number));
    println!("{}", node.number);
    drop(node);
    println!("{:?}", thread.join().unwrap());
}
