use std::sync::Mutex;

fn main() {
    let seats = Mutex::new(vec!["by the aisle", "by the window"]);

    if let Some(seat) = seats.lock().unwrap().pop() {
        println!("Pam sits {seat}");
        println!("{} left", seats.lock().unwrap().len());
    }
}
