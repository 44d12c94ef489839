use std::sync::RwLock;
use std::thread;

fn main() {
    let price = RwLock::new(3);

    thread::scope(|scope| {
        for name in ["Pam", "Jim"] {
            let price = &price;
            scope.spawn(move || println!("{name} reads {}", price.read().unwrap()));
        }
        scope.spawn(|| *price.write().unwrap() = 4);
    });
    println!("in the end it is {}", price.into_inner().unwrap());
}
