//! Small programs made from a number, with threads that print, lock, send,
//! receive, select and sleep in any order.

use crossbeam_channel::{Receiver, Sender, after, bounded, select, select_biased, unbounded};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::Duration;

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    /// How many messages each channel has room for, if there is a limit.
    pub rooms: [Option<usize>; 2],
    /// What main and the other threads do.
    pub threads: Vec<Vec<Step>>,
    /// Whether main waits for the others.
    pub join: bool,
}

/// Something that a thread does. What it finds is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named like what they do")]
pub enum Step {
    Print,
    PrintLines,
    PrintLocked,
    EndLocked,
    Add,
    TryLock,
    Write,
    Read,
    FetchAdd,
    Load,
    Send(usize),
    TrySend(usize),
    SendTimeout(usize),
    Receive(usize),
    TryReceive(usize),
    ReceiveTimeout(usize),
    Length(usize),
    Select,
    SelectDefault,
    SelectBiased,
    DropSender(usize),
    DropReceiver(usize),
    Sleep(u64),
    After(u64),
    Yield,
    Panic,
}

/// A small generator of pseudo-random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

impl Program {
    /// The program with this number.
    pub fn new(seed: u64) -> Program {
        let mut random = Random(seed);
        let mut room = || [None, Some(0), Some(0), Some(1)][random.below(4) as usize];
        let rooms = [room(), room()];
        let threads = 2 + random.below(2);
        let most = if threads == 2 { 3 } else { 2 };
        let mut threads: Vec<Vec<Step>> = (0..threads)
            .map(|_| {
                let steps = 1 + random.below(most);
                (0..steps).map(|_| Step::new(&mut random)).collect()
            })
            .collect();
        // A thread that reads both ends of what only it holds is dull.
        threads.retain(|steps| !steps.is_empty());
        Program {
            rooms,
            threads,
            join: random.below(4) > 0,
        }
    }
}

impl Step {
    fn new(random: &mut Random) -> Step {
        let channel = random.below(2) as usize;
        match random.below(35) {
            0..=3 => Step::Print,
            4 => Step::Add,
            5 => Step::TryLock,
            6 => Step::Write,
            7 => Step::Read,
            8 => Step::FetchAdd,
            9 => Step::Load,
            10..=12 => Step::Send(channel),
            13 => Step::TrySend(channel),
            14 => Step::SendTimeout(channel),
            15..=17 => Step::Receive(channel),
            18 => Step::TryReceive(channel),
            19 => Step::ReceiveTimeout(channel),
            20 => Step::Length(channel),
            21..=22 => Step::Select,
            23 => Step::SelectDefault,
            24 => Step::SelectBiased,
            25 => Step::DropSender(channel),
            26 => Step::DropReceiver(channel),
            27 => Step::Sleep(1 + random.below(2)),
            28 => Step::Yield,
            29 => Step::After(1 + random.below(2)),
            30 => Step::PrintLines,
            31..=32 => Step::PrintLocked,
            33 => Step::EndLocked,
            _ => Step::Panic,
        }
    }
}

/// Milliseconds of a step that sleeps or waits so long.
const UNIT: u64 = 3;

struct Shared {
    count: Mutex<u32>,
    text: RwLock<u32>,
    atomic: AtomicU32,
}

/// What a thread holds of the channels.
#[derive(Clone)]
struct Ends {
    senders: [Option<Sender<u32>>; 2],
    receivers: [Option<Receiver<u32>>; 2],
}

impl Ends {
    fn used_by(&self, steps: &[Step]) -> Ends {
        let sends = |channel| steps.iter().any(|step| step.ends().0 == Some(channel));
        let receives = |channel| steps.iter().any(|step| step.ends().1.contains(&channel));
        let sender = |channel: usize| self.senders[channel].clone().filter(|_| sends(channel));
        let receiver = |channel: usize| {
            self.receivers[channel]
                .clone()
                .filter(|_| receives(channel))
        };
        Ends {
            senders: [sender(0), sender(1)],
            receivers: [receiver(0), receiver(1)],
        }
    }
}

impl Step {
    /// The channels to which it needs a sender, and a receiver.
    fn ends(self) -> (Option<usize>, &'static [usize]) {
        match self {
            Step::Send(channel) | Step::TrySend(channel) | Step::SendTimeout(channel) => {
                (Some(channel), &[])
            }
            Step::DropSender(channel) => (Some(channel), &[]),
            Step::Receive(channel)
            | Step::TryReceive(channel)
            | Step::ReceiveTimeout(channel)
            | Step::Length(channel)
            | Step::DropReceiver(channel) => (None, [&[0], &[1]][channel]),
            Step::Select => (Some(1), &[0]),
            Step::SelectDefault => (Some(0), &[1]),
            Step::SelectBiased => (None, &[0, 1]),
            _ => (None, &[]),
        }
    }
}

/// Runs a program.
pub fn run(program: &Program) {
    let shared = Arc::new(Shared {
        count: Mutex::new(0),
        text: RwLock::new(0),
        atomic: AtomicU32::new(0),
    });
    let channels = program.rooms.map(|room| match room {
        None => unbounded(),
        Some(room) => bounded(room),
    });
    let [(sender0, receiver0), (sender1, receiver1)] = channels;
    let ends = Ends {
        senders: [Some(sender0), Some(sender1)],
        receivers: [Some(receiver0), Some(receiver1)],
    };
    // What nobody uses is dropped before there is anybody to notice.
    let mut held: Vec<Ends> = program
        .threads
        .iter()
        .map(|steps| ends.used_by(steps))
        .collect();
    drop(ends);
    let mains = held.remove(0);
    let mut threads = Vec::new();
    for ((id, steps), ends) in (1..).zip(&program.threads[1..]).zip(held) {
        let (shared, steps) = (Arc::clone(&shared), steps.clone());
        threads.push(thread::spawn(move || run_thread(id, &steps, &shared, ends)));
    }
    run_thread(0, &program.threads[0], &shared, mains);
    if program.join {
        for thread in threads {
            let joined = thread.join();
            println!("joined {}", joined.is_ok());
        }
    }
}

fn run_thread(id: u32, steps: &[Step], shared: &Shared, mut ends: Ends) {
    for (number, step) in (0..).zip(steps) {
        let what = id * 10 + number;
        run_step(*step, what, shared, &mut ends);
    }
}

fn run_step(step: Step, what: u32, shared: &Shared, ends: &mut Ends) {
    let wait = Duration::from_millis(UNIT);
    match step {
        Step::Print => println!("{what} prints"),
        Step::PrintLines => println!("{what} prints\n{what} again"),
        Step::PrintLocked => {
            let mut stdout = io::stdout().lock();
            write!(stdout, "{what} locks").unwrap();
            let before = shared.atomic.fetch_add(1, Ordering::SeqCst);
            writeln!(stdout, " and adds to {before}").unwrap();
            println!("{what} unlocks");
        }
        Step::EndLocked => {
            let mut stdout = io::stdout().lock();
            write!(stdout, "{what} locks, ").unwrap();
            shared.atomic.fetch_add(1, Ordering::SeqCst);
        }
        Step::Add => {
            let mut count = shared
                .count
                .lock()
                .unwrap_or_else(|poison| poison.into_inner());
            *count += 1;
            println!("{what} counts {count}");
        }
        Step::TryLock => match shared.count.try_lock() {
            Ok(count) => println!("{what} sees {count}"),
            Err(_) => println!("{what} sees nothing"),
        },
        Step::Write => *shared.text.write().unwrap() += 1,
        Step::Read => println!("{what} reads {}", shared.text.read().unwrap()),
        Step::FetchAdd => {
            let before = shared.atomic.fetch_add(1, Ordering::SeqCst);
            println!("{what} adds to {before}");
        }
        Step::Load => println!("{what} loads {}", shared.atomic.load(Ordering::SeqCst)),
        Step::Send(channel) => {
            if let Some(sender) = &ends.senders[channel] {
                let sent = sender.send(what);
                println!("{what} sent: {}", sent.is_ok());
            }
        }
        Step::TrySend(channel) => {
            if let Some(sender) = &ends.senders[channel] {
                println!("{what} tried to send: {:?}", sender.try_send(what));
            }
        }
        Step::SendTimeout(channel) => {
            if let Some(sender) = &ends.senders[channel] {
                let sent = sender.send_timeout(what, wait);
                println!("{what} sent in time: {sent:?}");
            }
        }
        Step::Receive(channel) => {
            if let Some(receiver) = &ends.receivers[channel] {
                println!("{what} received {:?}", receiver.recv());
            }
        }
        Step::TryReceive(channel) => {
            if let Some(receiver) = &ends.receivers[channel] {
                println!("{what} tried to receive: {:?}", receiver.try_recv());
            }
        }
        Step::ReceiveTimeout(channel) => {
            if let Some(receiver) = &ends.receivers[channel] {
                println!("{what} received in time: {:?}", receiver.recv_timeout(wait));
            }
        }
        Step::Length(channel) => {
            if let Some(receiver) = &ends.receivers[channel] {
                println!("{what} counts {} messages", receiver.len());
            }
        }
        Step::Select => {
            if let (Some(sender), Some(receiver)) = (&ends.senders[1], &ends.receivers[0]) {
                select! {
                    recv(receiver) -> message => println!("{what} selected {message:?}"),
                    send(sender, what) -> sent => println!("{what} selected sending {}", sent.is_ok()),
                }
            }
        }
        Step::SelectDefault => {
            if let (Some(sender), Some(receiver)) = (&ends.senders[0], &ends.receivers[1]) {
                select! {
                    recv(receiver) -> message => println!("{what} selected {message:?}"),
                    send(sender, what) -> sent => println!("{what} selected sending {}", sent.is_ok()),
                    default => println!("{what} selected nothing"),
                }
            }
        }
        Step::SelectBiased => {
            if let [Some(one), Some(other)] = &ends.receivers {
                select_biased! {
                    recv(one) -> message => println!("{what} preferred {message:?}"),
                    recv(other) -> message => println!("{what} settled for {message:?}"),
                    default(wait) => println!("{what} gave up"),
                }
            }
        }
        Step::DropSender(channel) => ends.senders[channel] = None,
        Step::DropReceiver(channel) => ends.receivers[channel] = None,
        Step::Sleep(units) => thread::sleep(wait * units as u32),
        Step::After(units) => drop(after(wait * units as u32).recv()),
        Step::Yield => thread::yield_now(),
        Step::Panic => panic!("{what} panics"),
    }
}
