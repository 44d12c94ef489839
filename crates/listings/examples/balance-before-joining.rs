use std::sync::{Arc, Mutex};
use std::thread;

struct Account {
    owner: String,
    balance: Mutex<u32>,
}

impl Account {
    fn pay_in(&self, amount: u32) {
        *self.balance.lock().unwrap() += amount;
    }
}

fn main() {
    let account = Arc::new(Account {
        owner: "Pam".to_owned(),
        balance: Mutex::new(0),
    });

    let mut threads = Vec::new();
    for amount in [10, 20, 30] {
        let account = Arc::clone(&account);
        threads.push(thread::spawn(move || account.pay_in(amount)));
    }
    println!("so far, {}", account.balance.lock().unwrap());
    for thread in threads {
        thread.join().unwrap();
    }

    println!("{} has {}", account.owner, account.balance.lock().unwrap());
}
