use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread;

enum Event {
    Joins(&'static str, Sender<&'static str>),
    Says(&'static str),
    Leaves(&'static str),
}

fn main() {
    let (door, events) = bounded(0);
    let (for_pam, pam) = bounded(2);
    let (for_jim, jim) = bounded(1);

    thread::scope(|scope| {
        scope.spawn(|| room(events));
        scope.spawn(|| read("Pam", pam));
        scope.spawn(|| read("Jim", jim));

        door.send(Event::Joins("Pam", for_pam)).unwrap();
        door.send(Event::Joins("Jim", for_jim)).unwrap();
        door.send(Event::Says("hello")).unwrap();
        door.send(Event::Says("any news?")).unwrap();
        door.send(Event::Leaves("Pam")).unwrap();
    });
}

fn room(events: Receiver<Event>) {
    let mut members = Vec::new();
    for event in events {
        match event {
            Event::Joins(name, mailbox) => members.push((name, mailbox)),
            Event::Says(text) => members.retain(|(_, mailbox)| mailbox.try_send(text).is_ok()),
            Event::Leaves(name) => members.retain(|(member, _)| *member != name),
        }
    }
}

fn read(name: &str, mailbox: Receiver<&str>) {
    for text in mailbox {
        println!("{name} reads: {text}");
    }
    println!("{name} is out");
}
