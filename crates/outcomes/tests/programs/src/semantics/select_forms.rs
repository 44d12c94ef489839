//! How `select!` and `select_biased!` may be written, of crossbeam-channel.

use super::programs;
use crossbeam_channel::{
    Receiver, RecvError, Sender, after, bounded, never, select, select_biased, tick, unbounded,
};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

programs! {
    a_single_operation: any ["Ok(1) Ok(2) Ok(3), Ok(()) Ok(()) Ok(())\n"];
    a_single_operation_with_nothing: any ["default default, default default\n"];
    with_and_without_commas: any ["1 2 3 4 5 6 7\n"];
    default_is_anywhere: any ["first last argument\n"];
    channels_are_expressions: any ["1 2 3 4 5 6 7 8 9\n"];
    an_optional_channel: any ["Some(Ok(20)) None\n"];
    messages_are_expressions: any ["3 [1, 2] sum 7\n"];
    results_are_patterns: any ["ignored 2 4 4 whole 5\n"];
    bodies_are_expressions: any ["block\nmatch\nif\nlet 3\nclosure 4\nmacro\n"];
    it_returns_a_value: any ["11 true nested Ok(2)\n"];
    arms_break_and_continue: any ["2\n4\nended with 4\n"];
    arms_return: any ["Some(1) None\n"];
    arms_use_question_marks: any ["Ok(1) Err(RecvError)\n"];
    a_select_in_a_select: any ["Ok(1) Ok(2)\n"];
    names_of_the_macro_are_free: any ["1 2 3 4 5 6\n"];
    arms_may_drop_their_channels: any ["Ok(1) false\n"];
    eight_operations: any ["8\n"];
    timers_and_never: any ["after\n", "tick\n"];
    biased_in_every_form: any ["1 2 3 default timeout\n"];
    in_a_generic_function: any ["Ok(1) Ok(\"two\")\n"];
}

const MOMENT: Duration = Duration::from_millis(1);

fn filled<const N: usize>(numbers: [u32; N]) -> Receiver<u32> {
    let (sender, receiver) = unbounded();
    for number in numbers {
        sender.send(number).unwrap();
    }
    receiver
}

/// A channel with room, and both ends alive.
fn roomy() -> (Sender<u32>, Receiver<u32>) {
    bounded(100)
}

fn a_single_operation() {
    let receiver = filled([1, 2, 3]);
    let one = select! { recv(receiver) -> message => message };
    let two = select! { recv(receiver) -> message => message, default => unreachable!() };
    let three = select! {
        recv(receiver) -> message => message,
        default(MOMENT) => unreachable!(),
    };
    let (sender, _receiver) = roomy();
    let four = select! { send(sender, 1) -> result => result };
    let five = select! { send(sender, 2) -> result => result, default => unreachable!() };
    let six = select! {
        send(sender, 3) -> result => result,
        default(MOMENT) => unreachable!(),
    };
    println!("{one:?} {two:?} {three:?}, {four:?} {five:?} {six:?}");
}

fn a_single_operation_with_nothing() {
    let (sender, receiver) = bounded(0);
    let one = select! { recv(receiver) -> _ => "received", default => "default" };
    let two = select! { recv(receiver) -> _ => "received", default(MOMENT) => "default" };
    let three = select! { send(sender, 1) -> _ => "sent", default => "default" };
    let four = select! { send(sender, 1) -> _ => "sent", default(MOMENT) => "default" };
    println!("{one} {two}, {three} {four}");
}

fn with_and_without_commas() {
    let receiver = filled([1, 2, 3, 4, 5, 6, 7]);
    let closed = never::<u32>();
    let mut numbers = Vec::new();
    let mut push = |number: Result<u32, RecvError>| numbers.push(number.unwrap().to_string());
    select! { recv(receiver) -> number => push(number) }
    select! { recv(receiver) -> number => push(number), }
    select! { recv(receiver) -> number => { push(number) } }
    select! { recv(receiver) -> number => { push(number) }, }
    select! {
        recv(closed) -> _ => {}
        recv(receiver) -> number => { push(number) }
        default => {}
    }
    select! {
        recv(closed) -> _ => {},
        recv(receiver) -> number => { push(number); },
        default => {},
    }
    select! {
        recv(closed) -> _ => (),
        recv(receiver,) -> number => push(number),
        default(MOMENT,) => ()
    }
    println!("{}", numbers.join(" "));
}

fn default_is_anywhere() {
    let (_sender, receiver) = unbounded::<u32>();
    let (full, _receiver) = bounded(0);
    let first = select! {
        default => "first",
        recv(receiver) -> _ => "received",
        send(full, 1) -> _ => "sent",
    };
    let last = select! {
        recv(receiver) -> _ => "received",
        send(full, 1,) -> _ => "sent",
        default() => "last",
    };
    let argument = select! {
        recv(receiver) -> _ => "received",
        default(MOMENT) => "argument",
        send(full, 1) -> _ => "sent",
    };
    println!("{first} {last} {argument}");
}

struct Ends {
    receiver: Receiver<u32>,
}

impl Ends {
    fn receiver(&self) -> &Receiver<u32> {
        &self.receiver
    }
}

fn channels_are_expressions() {
    let receiver = filled([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let reference = &receiver;
    let ends = Ends {
        receiver: receiver.clone(),
    };
    let list = [receiver.clone()];
    let (shared, counted) = (Arc::new(receiver.clone()), Rc::new(receiver.clone()));
    let boxed = Box::new(receiver.clone());
    // Two of each, so that none is a receive in disguise.
    let numbers = [
        select! { recv(receiver) -> number => number, recv(never()) -> number => number },
        select! { recv(&receiver) -> number => number, recv(&never()) -> number => number },
        select! { recv(reference) -> number => number, recv(never()) -> number => number },
        select! { recv(ends.receiver) -> number => number, recv(never()) -> number => number },
        select! { recv(ends.receiver()) -> number => number, recv(never()) -> number => number },
        select! { recv(list[0]) -> number => number, recv(never()) -> number => number },
        select! { recv(shared) -> number => number, recv(counted) -> number => number },
        select! { recv(*boxed) -> number => number, recv(never()) -> number => number },
        select! {
            recv(if list.is_empty() { never() } else { receiver.clone() }) -> number => number,
            recv({ never() }) -> number => number,
        },
    ];
    println!(
        "{}",
        numbers.map(|number| number.unwrap().to_string()).join(" ")
    );
}

fn an_optional_channel() {
    let receiver = filled([20]);
    let (_sender, empty) = unbounded::<u32>();
    let receive = |optional: Option<&Receiver<u32>>| {
        select! {
            recv(empty) -> _ => unreachable!(),
            recv(optional.unwrap_or(&never())) -> message => Some(message),
            default => None,
        }
    };
    println!("{:?} {:?}", receive(Some(&receiver)), receive(None));
}

fn messages_are_expressions() {
    let (number_sender, numbers) = bounded(1);
    let (list_sender, lists) = bounded(1);
    let (text_sender, texts) = bounded(1);
    select! { send(number_sender, 1 + 2) -> _ => {} }
    select! { send(&list_sender, vec![1, 2]) -> _ => {} }
    let sum = 7;
    let text = format!("sum {sum}");
    select! { send(text_sender, { text }) -> result => result.unwrap() }
    println!(
        "{} {:?} {}",
        numbers.recv().unwrap(),
        lists.recv().unwrap(),
        texts.recv().unwrap()
    );
}

fn results_are_patterns() {
    let receiver = filled([1, 2, 3, 4]);
    select! { recv(receiver) -> _ => print!("ignored") }
    select! { recv(receiver) -> number => print!(" {}", number.unwrap()) }
    select! {
        recv(receiver) -> mut number => {
            number = number.map(|number| number + 1);
            print!(" {}", number.unwrap());
        }
    }
    select! { recv(receiver) -> ref number => print!(" {}", number.as_ref().unwrap()) }
    let (sender, pairs) = unbounded();
    sender.send(("whole", 5)).unwrap();
    select! {
        recv(pairs) -> whole @ (Ok(_) | Err(_)) => {
            let (text, number) = whole.unwrap();
            println!(" {text} {number}");
        }
    }
}

fn bodies_are_expressions() {
    let receiver = filled([1, 2, 3, 4, 5, 6]);
    let closed = never::<u32>();
    select! {
        recv(receiver) -> _ => { println!("block"); }
        recv(closed) -> _ => {}
    }
    select! {
        recv(receiver) -> number => match number {
            Ok(2) => println!("match"),
            _ => println!("no match"),
        },
        recv(closed) -> _ => {}
    }
    select! {
        recv(receiver) -> number => if number == Ok(3) { println!("if") },
        recv(closed) -> _ => loop { thread::park() },
    }
    let three;
    select! {
        recv(receiver) -> _ => three = 3,
        recv(closed) -> _ => unreachable!(),
    }
    println!("let {three}");
    let closure = select! {
        recv(receiver) -> _ => |number: u32| number + 1,
        recv(closed) -> _ => unreachable!(),
    };
    println!("closure {}", closure(3));
    select! {
        recv(receiver) -> _ => println!("macro"),
        recv(closed) -> _ => println!("never"),
    }
}

fn it_returns_a_value() {
    let receiver = filled([1, 2]);
    let sum = 10
        + select! {
            recv(receiver) -> number => number.unwrap(),
            recv(never()) -> number => number.unwrap(),
        };
    let (full, _receiver) = bounded(0);
    let is_default = select! { send(full, 1) -> _ => false, default => true };
    let nested = (
        "nested",
        select! { recv(receiver) -> number => number, default(MOMENT) => Err(RecvError) },
    );
    println!("{sum} {is_default} {} {:?}", nested.0, nested.1);
}

fn arms_break_and_continue() {
    let receiver = filled([1, 2, 3, 4, 5]);
    let nothing = never::<u32>();
    let last = 'outer: loop {
        loop {
            let number = select! {
                recv(receiver) -> number => match number {
                    Ok(number) if number % 2 == 1 => continue,
                    Ok(number) => number,
                    Err(_) => break,
                },
                recv(nothing) -> _ => break 'outer 0,
            };
            println!("{number}");
            if number == 4 {
                select! {
                    recv(nothing) -> _ => continue 'outer,
                    default => break 'outer number,
                }
            }
        }
    };
    println!("ended with {last}");
}

fn first_of(receiver: &Receiver<u32>) -> Option<u32> {
    select! {
        recv(receiver) -> number => return number.ok(),
        recv(never::<u32>()) -> _ => {}
        default => return None,
    }
    Some(0)
}

fn arms_return() {
    let receiver = filled([1]);
    let (_sender, empty) = unbounded();
    println!("{:?} {:?}", first_of(&receiver), first_of(&empty));
}

fn next_of(receiver: &Receiver<u32>) -> Result<u32, RecvError> {
    let number = select! {
        recv(receiver) -> number => number?,
        recv(never()) -> number => number?,
    };
    Ok(number)
}

fn arms_use_question_marks() {
    let receiver = filled([1]);
    println!("{:?} {:?}", next_of(&receiver), next_of(&receiver));
}

fn a_select_in_a_select() {
    let receiver = filled([1, 2]);
    let nothing = never::<u32>();
    let (one, other) = select! {
        recv(receiver) -> one => select! {
            recv(nothing) -> other => (one, other),
            recv(receiver) -> other => (one, other),
        },
        recv(nothing) -> other => (other, other),
    };
    println!("{one:?} {other:?}");
}

fn names_of_the_macro_are_free() {
    let receiver = filled([1]);
    let (select, handle, index, operation, result) = (2, 3, 4, 5, 6);
    let sel = select;
    select! {
        recv(receiver) -> r => {
            println!("{} {sel} {handle} {index} {operation} {result}", r.unwrap());
        }
        recv(never::<u32>()) -> _ => println!("{select} {handle} {index} {operation} {result}"),
    }
}

fn arms_may_drop_their_channels() {
    let (sender, receiver) = unbounded();
    sender.send(1).unwrap();
    let (other, also) = unbounded::<u32>();
    select! {
        recv(receiver) -> message => {
            drop(receiver);
            println!("{message:?} {}", sender.send(2).is_ok());
        }
        recv(also) -> _ => drop((also, other)),
    }
}

fn eight_operations() {
    let receiver = filled([8]);
    let nothing = never::<u32>();
    let (full, _receiver) = bounded(0);
    let number = select! {
        recv(nothing) -> _ => 1,
        send(full, 2) -> _ => 2,
        recv(nothing) -> _ => 3,
        send(full, 4) -> _ => 4,
        recv(nothing) -> _ => 5,
        recv(nothing) -> _ => 6,
        recv(nothing) -> _ => 7,
        recv(receiver) -> number => number.unwrap(),
    };
    println!("{number}");
}

fn timers_and_never() {
    let ticker = tick(MOMENT);
    select! {
        recv(ticker) -> _ => println!("tick"),
        recv(after(MOMENT)) -> _ => println!("after"),
        recv(never::<()>()) -> _ => println!("never"),
    }
}

fn biased_in_every_form() {
    let receiver = filled([1, 2]);
    let (sender, sent) = bounded(1);
    let nothing = never::<u32>();
    let one = select_biased! { recv(receiver) -> number => number.unwrap() };
    let two = select_biased! {
        recv(&nothing) -> _ => unreachable!(),
        recv(&receiver) -> number => { number.unwrap() }
        default() => unreachable!(),
    };
    select_biased! {
        recv(nothing) -> _ => {}
        send(sender, 3) -> result => result.unwrap(),
        default(MOMENT) => {},
    }
    let default = select_biased! {
        send(sender, 4) -> _ => "sent",
        recv(nothing) -> _ => "received",
        default => "default",
    };
    let timeout = select_biased! {
        send(sender, 4) -> _ => "sent",
        recv(nothing) -> _ => "received",
        default(MOMENT) => "timeout",
    };
    println!("{one} {two} {} {default} {timeout}", sent.recv().unwrap());
}

fn either<A, B>(one: &Receiver<A>, other: &Receiver<B>) -> Result<Result<A, B>, RecvError> {
    select! {
        recv(one) -> message => message.map(Ok),
        recv(other) -> message => message.map(Err),
    }
}

fn in_a_generic_function() {
    let texts = {
        let (sender, receiver) = unbounded();
        thread::spawn(move || sender.send("two"))
            .join()
            .unwrap()
            .unwrap();
        receiver
    };
    let one = either(&filled([1]), &never::<&str>()).unwrap();
    let two = either(&never::<u32>(), &texts).unwrap();
    println!("{one:?} {:?}", Ok::<_, ()>(two.unwrap_err()));
}
