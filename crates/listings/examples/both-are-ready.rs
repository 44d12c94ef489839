use crossbeam_channel::{select, unbounded};

fn main() {
    let (post, letters) = unbounded();
    let (alarm, alarms) = unbounded();
    post.send("a letter").unwrap();
    alarm.send("fire!").unwrap();

    for _ in 0..2 {
        select! {
            recv(alarms) -> alarm => println!("{}", alarm.unwrap()),
            recv(letters) -> letter => println!("{}", letter.unwrap()),
        }
    }
}
