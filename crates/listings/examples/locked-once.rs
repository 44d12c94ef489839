use std::sync::Mutex;

fn main() {
    let seats = Mutex::new(vec!["by the aisle", "by the window"]);

    let seat = seats.lock().unwrap().pop();
    if let Some(seat) = seat {
        println!("Pam sits {seat}");
        println!("{} left", seats.lock().unwrap().len());
    }
}
