//! What `select!` and `select_biased!` do, of crossbeam-channel.

use super::{Loud, programs};
use crossbeam_channel::{Receiver, bounded, never, select, select_biased, unbounded};
use std::thread;
use std::time::Duration;

programs! {
    any_ready_operation_is_taken: any ["received Ok(10)\n", "sent Ok(()) Ok(20)\n"];
    one_operation_is_taken: any ["one Ok(1), left Ok(2)\n", "other Ok(2), left Ok(1)\n"];
    it_waits_for_the_first: any ["one Ok(1)\n", "other Ok(2)\n"];
    a_closed_channel_is_ready: any ["Err(RecvError)\n"];
    a_closed_channel_may_be_taken_before_a_message: any ["closed\n", "message\n"];
    sending_to_nobody_is_ready: any ["Err(\"SendError(..)\")\n"];
    all_are_closed: any ["one Err(RecvError)\n", "other Err(RecvError)\n"];
    default_when_nothing_is_ready: any ["not ready\n"];
    default_is_not_taken_when_something_is_ready: any ["Ok(1) Ok(2)\n"];
    default_after_a_time: any ["timed out\n"];
    something_may_come_in_time: any ["Ok(1)\n", "timed out\n"];
    it_does_not_meet_itself: any ["default\n"];
    two_selects_meet: any [
        "one received 2, other sent\n",
        "one sent, other received 1\n",
    ];
    a_select_meets_those_who_wait: any ["received Ok(1)\n", "sent Ok(())\n"];
    the_message_is_only_made_when_sent: any ["default\nmade\nsent\n"];
    a_message_not_sent_comes_back: any ["message dropped\nafter\n"];
    channels_are_evaluated_in_order: any ["one\nother\ntimeout\ndefault\n"];
    biased_takes_the_first: any ["one Ok(1)\n"];
    biased_takes_the_first_ready: any ["third Ok(3)\n"];
    biased_waits: any ["one Ok(1)\n", "other Ok(2)\n"];
    biased_takes_its_default: any ["default default\n"];
    biased_prefers_what_comes_first: any ["[1, 2, 3, 4]\n"];
    until_both_are_closed: any [
        "[1, 2, 3]\n", "[1, 3, 2]\n", "[3, 1, 2]\n",
    ];
    never_ready_at_all: any ["[deadlocks]"];
}

fn any_ready_operation_is_taken() {
    let (s1, r1) = unbounded();
    let (s2, r2) = unbounded();
    s1.send(10).unwrap();
    select! {
        recv(r1) -> message => println!("received {message:?}"),
        send(s2, 20) -> result => {
            println!("sent {result:?} {:?}", r2.recv());
        }
    }
}

fn one_operation_is_taken() {
    let (s1, r1) = unbounded();
    let (s2, r2) = unbounded();
    s1.send(1).unwrap();
    s2.send(2).unwrap();
    let taken = select! {
        recv(r1) -> message => format!("one {message:?}"),
        recv(r2) -> message => format!("other {message:?}"),
    };
    println!("{taken}, left {:?}", r1.try_recv().or(r2.try_recv()));
}

fn it_waits_for_the_first() {
    let (s1, r1) = unbounded();
    let (s2, r2) = bounded(0);
    let (theirs, other) = (s1.clone(), s2.clone());
    thread::spawn(move || theirs.send(1));
    thread::spawn(move || other.send(2));
    select! {
        recv(r1) -> message => println!("one {message:?}"),
        recv(r2) -> message => println!("other {message:?}"),
    }
    drop((s1, s2));
}

fn a_closed_channel_is_ready() {
    let (sender, receiver) = unbounded::<u32>();
    drop(sender);
    select! {
        recv(receiver) -> message => println!("{message:?}"),
        default => println!("not ready"),
    }
}

fn a_closed_channel_may_be_taken_before_a_message() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    let (_, closed) = unbounded::<u32>();
    select! {
        recv(receiver) -> _ => println!("message"),
        recv(closed) -> _ => println!("closed"),
    }
}

fn sending_to_nobody_is_ready() {
    let (sender, receiver) = bounded(0);
    drop(receiver);
    select! {
        send(sender, 1) -> result => println!("{result:?}"),
        default(Duration::from_secs(1)) => println!("timed out"),
    }
}

fn all_are_closed() {
    let (_, one) = bounded::<u32>(0);
    let (_, other) = unbounded::<u32>();
    select! {
        recv(one) -> message => println!("one {message:?}"),
        recv(other) -> message => println!("other {message:?}"),
    }
}

fn default_when_nothing_is_ready() {
    let (full, _r1) = bounded(1);
    full.send(1).unwrap();
    let (_s2, empty) = unbounded::<u32>();
    select! {
        send(full, 2) -> _ => println!("sent"),
        recv(empty) -> _ => println!("received"),
        default => println!("not ready"),
    }
}

fn default_is_not_taken_when_something_is_ready() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let never = never::<u32>();
    let at_once = select! {
        recv(never) -> message => message,
        recv(receiver) -> message => message,
        default => unreachable!(),
    };
    let in_no_time = select! {
        recv(never) -> message => message,
        recv(receiver) -> message => message,
        default(Duration::ZERO) => unreachable!(),
    };
    println!("{at_once:?} {in_no_time:?}");
}

fn default_after_a_time() {
    let (sender, receiver) = bounded::<u32>(0);
    let result = select! {
        recv(receiver) -> _ => "received",
        send(sender, 1) -> _ => "sent",
        default(Duration::from_millis(1)) => "timed out",
    };
    println!("{result}");
}

fn something_may_come_in_time() {
    let (sender, receiver) = unbounded();
    let theirs = sender.clone();
    thread::spawn(move || theirs.send(1));
    select! {
        recv(receiver) -> message => println!("{message:?}"),
        recv(never::<u32>()) -> _ => println!("never"),
        default(Duration::from_millis(1)) => println!("timed out"),
    }
    drop(sender);
}

fn it_does_not_meet_itself() {
    let (sender, receiver) = bounded(0);
    select! {
        send(sender, 1) -> _ => println!("sent"),
        recv(receiver) -> _ => println!("received"),
        default => println!("default"),
    }
}

fn two_selects_meet() {
    let (s1, r1) = bounded(0);
    let (s2, r2) = bounded(0);
    let other = thread::spawn(move || {
        select! {
            recv(r1) -> message => format!("other received {}", message.unwrap()),
            send(s2, 2) -> _ => "other sent".to_owned(),
        }
    });
    let one = select! {
        send(s1, 1) -> _ => "one sent".to_owned(),
        recv(r2) -> message => format!("one received {}", message.unwrap()),
    };
    println!("{one}, {}", other.join().unwrap());
}

fn a_select_meets_those_who_wait() {
    let (s1, r1) = bounded(0);
    let (s2, r2) = bounded(0);
    let (sending, receiving) = (s1.clone(), r2.clone());
    thread::spawn(move || sending.send(1));
    thread::spawn(move || receiving.recv());
    select! {
        recv(r1) -> message => println!("received {message:?}"),
        send(s2, 2) -> result => println!("sent {result:?}"),
    }
    drop((s1, r2));
}

fn the_message_is_only_made_when_sent() {
    let (sender, receiver) = bounded(1);
    let make = || println!("made");
    sender.send(()).unwrap();
    select! {
        send(sender, make()) -> _ => println!("sent"),
        default => println!("default"),
    }
    receiver.recv().unwrap();
    select! {
        send(sender, make()) -> _ => println!("sent"),
        default => println!("default"),
    }
}

fn a_message_not_sent_comes_back() {
    let (sender, receiver) = bounded(0);
    drop(receiver);
    select! {
        send(sender, Loud("message")) -> result => drop(result),
    }
    println!("after");
}

fn channels_are_evaluated_in_order() {
    let nothing = |what: &str| -> Receiver<u32> {
        println!("{what}");
        never()
    };
    let timeout = || {
        println!("timeout");
        Duration::from_millis(1)
    };
    select! {
        recv(nothing("one")) -> _ => println!("received"),
        recv(nothing("other")) -> _ => println!("received"),
        default(timeout()) => println!("default"),
    }
}

fn biased_takes_the_first() {
    let (first, one) = unbounded();
    let (second, other) = unbounded();
    first.send(1).unwrap();
    second.send(2).unwrap();
    select_biased! {
        recv(one) -> message => println!("one {message:?}"),
        recv(other) -> message => println!("other {message:?}"),
    }
}

fn biased_takes_the_first_ready() {
    let (full, _receiver) = bounded(0);
    let (s3, third) = unbounded();
    let (s4, fourth) = unbounded();
    s3.send(3).unwrap();
    s4.send(4).unwrap();
    select_biased! {
        send(full, 1) -> _ => println!("first"),
        recv(never::<u32>()) -> _ => println!("second"),
        recv(third) -> message => println!("third {message:?}"),
        recv(fourth) -> message => println!("fourth {message:?}"),
    }
}

fn biased_waits() {
    let (s1, r1) = unbounded();
    let (s2, r2) = unbounded();
    let (theirs, other) = (s1.clone(), s2.clone());
    thread::spawn(move || theirs.send(1));
    thread::spawn(move || other.send(2));
    select_biased! {
        recv(r1) -> message => println!("one {message:?}"),
        recv(r2) -> message => println!("other {message:?}"),
    }
    drop((s1, s2));
}

fn biased_takes_its_default() {
    let (_sender, receiver) = unbounded::<u32>();
    let at_once = select_biased! {
        recv(receiver) -> _ => "received",
        recv(never::<u32>()) -> _ => "received",
        default => "default",
    };
    let later = select_biased! {
        recv(receiver) -> _ => "received",
        recv(never::<u32>()) -> _ => "received",
        default(Duration::from_millis(1)) => "default",
    };
    println!("{at_once} {later}");
}

fn biased_prefers_what_comes_first() {
    let (s1, r1) = unbounded();
    let (s2, r2) = unbounded();
    for (sender, numbers) in [(s2, [3, 4]), (s1, [1, 2])] {
        for number in numbers {
            sender.send(number).unwrap();
        }
        std::mem::forget(sender);
    }
    let numbers = (0..4).map(|_| {
        select_biased! {
            recv(r1) -> number => number.unwrap(),
            recv(r2) -> number => number.unwrap(),
        }
    });
    println!("{:?}", numbers.collect::<Vec<_>>());
}

fn until_both_are_closed() {
    let (s1, mut r1) = unbounded();
    let (s2, mut r2) = unbounded();
    thread::spawn(move || [1, 2].map(|number| s1.send(number)));
    thread::spawn(move || s2.send(3));
    let (mut open, mut numbers) = (2, Vec::new());
    while open > 0 {
        let received = select! {
            recv(r1) -> message => message.map_err(|_| r1 = never()),
            recv(r2) -> message => message.map_err(|_| r2 = never()),
        };
        match received {
            Ok(number) => numbers.push(number),
            Err(()) => open -= 1,
        }
    }
    println!("{numbers:?}");
}

fn never_ready_at_all() {
    select! {
        recv(never::<u32>()) -> _ => println!("received"),
        recv(never::<u32>()) -> _ => println!("received"),
    }
}
