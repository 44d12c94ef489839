// interleaved: network
use crossbeam_channel::{Receiver, Sender, bounded};
use std::io::{BufRead, BufReader, Lines, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

enum Event {
    Joins(String, Sender<Arc<str>>),
    Says(String),
    Leaves(String),
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();

    thread::scope(|scope| {
        scope.spawn(|| serve(listener, 2));

        let mut pam = Client::join("Pam", address);
        pam.read();
        let mut jim = Client::join("Jim", address);
        pam.read();
        jim.read();
        pam.say("hello");
        pam.read();
        jim.read();
        drop(pam);
        jim.read();
    });
    println!("all are out");
}

/// Lets so many people in, and returns when they are out.
fn serve(listener: TcpListener, people: usize) {
    let (door, events) = bounded(0);
    thread::scope(|scope| {
        scope.spawn(|| room(events));
        for stream in listener.incoming().take(people) {
            let door = door.clone();
            scope.spawn(|| attend(stream.unwrap(), door));
        }
        drop(door);
    });
}

fn room(events: Receiver<Event>) {
    let mut members = Vec::new();
    for event in events {
        let text: Arc<str> = match event {
            Event::Joins(name, mailbox) => {
                let text = format!("{name} is here");
                members.push((name, mailbox));
                text.into()
            }
            Event::Says(text) => text.into(),
            Event::Leaves(name) => {
                members.retain(|(member, _)| *member != name);
                format!("{name} is out").into()
            }
        };
        members.retain(|(_, mailbox)| mailbox.try_send(Arc::clone(&text)).is_ok());
    }
}

/// Reads what one person says, whose first line is a name. A thread beside it
/// writes.
fn attend(stream: TcpStream, door: Sender<Event>) -> Result<()> {
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    let mut lines = BufReader::new(&stream).lines();
    let Some(name) = lines.next().transpose()? else {
        return Ok(());
    };
    let (mailbox, texts) = bounded(10);
    door.send(Event::Joins(name.clone(), mailbox)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| write(&stream, texts));
        for line in lines.map_while(Result::ok) {
            door.send(Event::Says(format!("{name} says {line}")))
                .unwrap();
        }
        door.send(Event::Leaves(name)).unwrap();
    });
    Ok(())
}

fn write(mut stream: &TcpStream, texts: Receiver<Arc<str>>) {
    for text in texts {
        if writeln!(stream, "{text}").is_err() {
            break;
        }
    }
    // Whoever was thrown out can't speak anymore.
    let _ = stream.shutdown(Shutdown::Both);
}

struct Client {
    name: &'static str,
    stream: TcpStream,
    lines: Lines<BufReader<TcpStream>>,
}

impl Client {
    fn join(name: &'static str, address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let mut client = Client {
            name,
            stream,
            lines,
        };
        client.say(name);
        client
    }

    fn say(&mut self, text: &str) {
        writeln!(self.stream, "{text}").unwrap();
    }

    fn read(&mut self) {
        println!(
            "{} reads: {}",
            self.name,
            self.lines.next().unwrap().unwrap()
        );
    }
}
