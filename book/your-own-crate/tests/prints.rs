use box_office::Show;
use std::thread;

#[outcomes::test(outputs = 2)]
fn one_of_two_is_late() {
    outcomes::possible!("Pam is late");
    outcomes::impossible!("Pam is late\nJim is late");

    let show = Show::new(1);
    thread::scope(|scope| {
        for name in ["Pam", "Jim"] {
            let show = &show;
            scope.spawn(move || {
                if !show.sell_at_once() {
                    println!("{name} is late");
                }
            });
        }
    });
}
