//! The prices of Rust's threads, tasks, channels and locks, in nanoseconds. What
//! `go/main.go` does in Go, as often.

use crate::channels::{Channel, Crossbeam, Flume, Kanal, ReceiveAny, Std};
use crate::{shapes, tasks};
use rayon::ThreadPool;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;
use tokio::runtime::Runtime;

/// How much room the channels have.
pub const ROOMS: [usize; 5] = [0, 1, 10, 100, 1000];

/// Where all shapes are compared, and not only the plainest.
pub const COMPARED: [usize; 3] = [0, 1, 1000];

/// Whether such a channel can send a message in that shape. A channel without room
/// can't be filled by who is alone, and tokio's is never without.
pub fn is_possible(shape: &str, channel: &str, room: usize) -> bool {
    let has_room = room > 0 || (shape != "seq" && channel != "tokio");
    let is_able = match shape {
        "mpmc" => !matches!(channel, "std's mpsc" | "tokio"),
        "select_rx" => !matches!(channel, "std's mpsc" | "kanal"),
        "select_both" => matches!(channel, "crossbeam" | "Go"),
        _ => true,
    };
    has_room && is_able
}

/// Measures all of it once, with every count divided by this, and tells each price.
pub fn all(divisor: u32, mut tell: impl FnMut(&str, f64)) {
    let runtime = Runtime::new().expect("a runtime of tokio's");
    let pool = rayon::ThreadPoolBuilder::new().build();
    starts(
        divisor,
        &runtime,
        &pool.expect("rayon's threads"),
        &mut tell,
    );
    locks(2_000_000 / divisor, &mut tell);
    for room in ROOMS {
        messages(&runtime, room, &mut |shape, channel, work| {
            let is_shown = shape == "spsc" || COMPARED.contains(&room);
            if is_shown && is_possible(shape, channel, room) {
                let what = format!("{shape} {channel} {room}");
                tell(&what, each_of_enough(divisor, work));
            }
        });
    }
}

fn starts(divisor: u32, runtime: &Runtime, pool: &ThreadPool, tell: &mut impl FnMut(&str, f64)) {
    let mut price =
        |what: &str, count: u32, work: &dyn Fn(u32)| tell(what, each(count / divisor, work));
    price("one thread", 5_000, &|count| {
        for _ in 0..count {
            thread::spawn(|| {}).join().unwrap();
        }
    });
    price("one scope", 5_000, &|count| {
        for _ in 0..count {
            thread::scope(|scope| _ = scope.spawn(|| {}));
        }
    });
    // From outside of the pool, as a program's main would.
    price("one rayon", 100_000, &|count| {
        for _ in 0..count {
            pool.scope(|scope| scope.spawn(|_| {}));
        }
    });
    price("one tokio", 100_000, &|count| {
        let task = runtime.spawn(async move {
            for _ in 0..count {
                tokio::spawn(async {}).await.unwrap();
            }
        });
        runtime.block_on(task).unwrap();
    });
    price("many thread", 2_000, &|count| {
        let threads: Vec<_> = (0..count).map(|_| thread::spawn(|| {})).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    price("many scope", 2_000, &|count| {
        thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| {});
            }
        });
    });
    price("many rayon", 200_000, &|count| {
        pool.scope(|scope| {
            for _ in 0..count {
                scope.spawn(|_| {});
            }
        });
    });
    price("many tokio", 200_000, &|count| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(async {})).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
}

fn locks(count: u32, tell: &mut impl FnMut(&str, f64)) {
    let alone = Mutex::new(0);
    let lock = |mutex: &Mutex<u32>, times: u32| {
        for _ in 0..times {
            *mutex.lock().unwrap() += 1;
        }
    };
    tell("lock alone", each(count, &|count| lock(&alone, count)));
    let wanted = Mutex::new(0);
    let by_two = |count| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| lock(&wanted, count / 2));
            }
        });
    };
    tell("lock wanted", each(count, &by_two));
    assert_eq!(
        (*alone.lock().unwrap(), *wanted.lock().unwrap()),
        (count, count)
    );
}

/// Offers what there is to measure with so much room: the shape, the channel, and
/// what sends so many messages.
fn messages(runtime: &Runtime, room: usize, price: &mut impl FnMut(&str, &str, &dyn Fn(u32))) {
    between_threads::<Crossbeam>(room, price);
    several_receive::<Crossbeam>(room, price);
    one_selects::<Crossbeam>(room, price);
    price("select_both", Crossbeam::NAME, &|count| {
        shapes::select_both::<Crossbeam>(room, count);
    });
    between_threads::<Std>(room, price);
    between_threads::<Flume>(room, price);
    several_receive::<Flume>(room, price);
    one_selects::<Flume>(room, price);
    between_threads::<Kanal>(room, price);
    several_receive::<Kanal>(room, price);
    price("seq", "tokio", &|count| {
        runtime.block_on(tasks::seq(room, count));
    });
    price("spsc", "tokio", &|count| {
        runtime.block_on(tasks::spsc(room, count));
    });
    price("mpsc", "tokio", &|count| {
        runtime.block_on(tasks::mpsc(room, count));
    });
    price("select_rx", "tokio", &|count| {
        runtime.block_on(tasks::select_rx(room, count));
    });
}

fn between_threads<C: Channel>(room: usize, price: &mut impl FnMut(&str, &str, &dyn Fn(u32))) {
    price("seq", C::NAME, &|count| shapes::seq::<C>(room, count));
    price("spsc", C::NAME, &|count| shapes::spsc::<C>(room, count));
    price("mpsc", C::NAME, &|count| shapes::mpsc::<C>(room, count));
}

fn several_receive<C: Channel>(room: usize, price: &mut impl FnMut(&str, &str, &dyn Fn(u32)))
where
    C::Receiver: Clone,
{
    price("mpmc", C::NAME, &|count| shapes::mpmc::<C>(room, count));
}

fn one_selects<C: ReceiveAny>(room: usize, price: &mut impl FnMut(&str, &str, &dyn Fn(u32))) {
    price("select_rx", C::NAME, &|count| {
        shapes::select_rx::<C>(room, count);
    });
}

/// The time for one, where how many take long enough to be measured isn't known
/// beforehand: more and more, until they do.
fn each_of_enough(divisor: u32, work: &dyn Fn(u32)) -> f64 {
    let enough = 5e7 / f64::from(divisor);
    let mut count = 5_000 / divisor;
    loop {
        let price = each(count, work);
        if price * f64::from(count) >= enough {
            return price;
        }
        count *= 10;
    }
}

/// The time for one, in nanoseconds, when a piece of work does so many.
fn each(count: u32, work: &dyn Fn(u32)) -> f64 {
    let start = Instant::now();
    work(count);
    start.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}
