//! Receivers of the time, of crossbeam-channel.

use super::programs;
use crossbeam_channel::{after, at, never, select, tick, unbounded};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

programs! {
    seconds_until_a_timer: prompt ["over\n"] modelled only;
    a_timer_may_be_due: any ["false\n", "true\n"];
    milliseconds_pass: prompt ["3ms\n"] modelled only;
    moments_are_moved: prompt ["5ms true false\n"];
    times_of_day_are_moved: any ["2s 5s 1s None true true\n"];
    deadlines_later_on: prompt ["5ms 5ms 5ms 5ms\n"] modelled only;
    moments_are_compared: prompt ["Some(2s) None 2s 0ns 2s 2s\n"] modelled only;
    after_delivers_once: any ["true Err(Empty) Err(Timeout)\n"] prompt ["true Err(Empty) Err(Timeout)\n"];
    after_is_not_early: prompt ["true true\n"];
    after_is_prompt: prompt ["100 500\n"] modelled only;
    at_delivers_its_moment: prompt ["true true Err(Empty)\n"];
    at_delivers_the_past_at_once: prompt ["0 0\n"] modelled only;
    at_waits_for_its_moment: any ["true\n"];
    tick_delivers_again: any ["true true true\n"] prompt ["true true true\n"];
    tick_is_not_early: prompt ["true true true\n"];
    tick_is_prompt: prompt ["100 100, 200 600, 700 700\n"] modelled only;
    tick_skips_what_nobody_took: prompt ["1\n"] modelled only;
    timers_hold_one_message: any ["Some(1) Some(1) Some(1)\n"];
    timers_are_told_apart: any ["true false, true false\n"];
    kinds_of_timers_are_told_apart: any ["true false false\n"];
    ticks_until_a_timeout: prompt ["2 ticks\n"] modelled only;
    an_optional_timeout: any ["Ok(1)\n", "timed out\n"] prompt ["Ok(1)\n", "timed out\n"];
    no_optional_timeout: any ["Ok(1)\n"] prompt ["Ok(1)\n"];
    ticking_for_ever: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    ticking_out_of_step: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    waiting_again_and_again: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    timing_out_for_ever: any ["[never ends]"] prompt ["[never ends]"] modelled only;
    ticking_until_told: any ["told\n", "[never ends]"] prompt ["told\n"];
    the_time_between_ticks: prompt ["10 10 30\n"] modelled only;
    moments_that_are_kept: prompt ["1 2 3\n"] modelled only;
    at_delivers_what_it_was_given: prompt ["true 20\n"] modelled only;
    a_moment_before_the_start: prompt ["3600\n"];
    one_of_two_timers_is_taken: prompt ["false true\n", "true false\n"] modelled only;
    seconds_that_may_have_passed: prompt ["between\n0ns\n", "between\n1s\n"] modelled only;
    milliseconds_that_may_have_passed: prompt ["between\n0ns\n", "between\n1ms\n"] modelled only;
}

const MOMENT: Duration = Duration::from_millis(1);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn a_timer_may_be_due() {
    println!("{}", after(MOMENT).try_recv().is_ok());
}

#[allow(deprecated)]
fn milliseconds_pass() {
    let start = Instant::now();
    std::thread::sleep_ms(3);
    println!("{:?}", start.elapsed());
}

fn moments_are_moved() {
    let start = Instant::now();
    let mut moved = start;
    moved += ms(7);
    moved -= ms(2);
    let same = moved;
    println!("{:?} {} {}", moved - start, moved == same, moved == start);
}

fn times_of_day_are_moved() {
    let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
    let mut time = SystemTime::UNIX_EPOCH;
    time += Duration::from_secs(3);
    time -= Duration::from_secs(1);
    let [one, two, three] = [
        time,
        time + Duration::from_secs(3),
        time - Duration::from_secs(1),
    ]
    .map(since);
    let earlier = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    println!(
        "{:?} {:?} {:?} {:?} {} {}",
        one.unwrap(),
        two.unwrap(),
        three.unwrap(),
        since(earlier),
        time.checked_add(Duration::ZERO) == Some(time),
        time.checked_sub(Duration::ZERO) == Some(time)
    );
}

fn deadlines_later_on() {
    std::thread::sleep(ms(20));
    let (sender, receiver) = crossbeam_channel::bounded(0);
    let took = |wait: &dyn Fn(Instant)| {
        let start = Instant::now();
        wait(start + ms(5));
        start.elapsed()
    };
    let list = || {
        let mut list = crossbeam_channel::Select::new();
        list.recv(&receiver);
        list
    };
    println!(
        "{:?} {:?} {:?} {:?}",
        took(&|deadline| assert!(receiver.recv_deadline(deadline).is_err())),
        took(&|deadline| assert!(sender.send_deadline(1, deadline).is_err())),
        took(&|deadline| assert!(list().select_deadline(deadline).is_err())),
        took(&|deadline| assert!(list().ready_deadline(deadline).is_err()))
    );
}

fn kinds_of_timers_are_told_apart() {
    let (never, after) = (never::<Instant>(), after(MOMENT));
    let (_sender, receiver) = unbounded::<Instant>();
    println!(
        "{} {} {}",
        never.same_channel(&never.clone()),
        never.same_channel(&after),
        receiver.same_channel(&after)
    );
}

fn after_delivers_once() {
    let receiver = after(MOMENT);
    let delivered = receiver.recv().is_ok();
    let (tried, waited) = (receiver.try_recv(), receiver.recv_timeout(MOMENT));
    println!("{delivered} {} {}", error(tried), error(waited));
}

fn error<T, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    result.map_or_else(|error| format!("Err({error:?})"), |_| "a moment".to_owned())
}

fn after_is_not_early() {
    let start = Instant::now();
    let delivered = after(ms(5)).recv().unwrap();
    println!(
        "{} {}",
        delivered >= start + ms(5),
        start.elapsed() >= ms(5)
    );
}

fn after_is_prompt() {
    let start = Instant::now();
    let receiver = after(ms(100));
    std::thread::sleep(ms(500));
    let delivered = receiver.recv().unwrap() - start;
    println!("{} {}", delivered.as_millis(), start.elapsed().as_millis());
}

fn at_delivers_its_moment() {
    let start = Instant::now();
    let receiver = at(start + ms(5));
    let is_same = receiver.recv() == Ok(start + ms(5));
    let is_late = start.elapsed() >= ms(5);
    println!("{is_same} {is_late} {}", error(receiver.try_recv()));
}

fn at_delivers_the_past_at_once() {
    let start = Instant::now();
    let delivered = at(start).recv().unwrap() - start;
    println!("{} {}", delivered.as_millis(), start.elapsed().as_millis());
}

fn at_waits_for_its_moment() {
    println!("{}", at(Instant::now() + MOMENT).recv().is_ok());
}

fn tick_delivers_again() {
    let receiver = tick(MOMENT);
    let [one, two, three] = [(); 3].map(|()| receiver.recv().is_ok());
    println!("{one} {two} {three}");
}

fn tick_is_not_early() {
    let start = Instant::now();
    let receiver = tick(ms(2));
    let [one, two, three] = [2, 4, 6].map(|number| receiver.recv().unwrap() >= start + ms(number));
    println!("{one} {two} {three}");
}

fn tick_is_prompt() {
    let start = Instant::now();
    let receiver = tick(ms(100));
    let receive = || {
        let delivered = receiver.recv().unwrap() - start;
        format!("{} {}", delivered.as_millis(), start.elapsed().as_millis())
    };
    let first = receive();
    std::thread::sleep(ms(500));
    println!("{first}, {}, {}", receive(), receive());
}

fn tick_skips_what_nobody_took() {
    let receiver = tick(ms(10));
    std::thread::sleep(ms(35));
    println!("{}", receiver.try_iter().count());
}

fn timers_hold_one_message() {
    let capacities = [after(MOMENT), at(Instant::now()), tick(MOMENT)];
    let [one, two, three] = capacities.map(|receiver| receiver.capacity());
    println!("{one:?} {two:?} {three:?}");
}

fn timers_are_told_apart() {
    let (one, other) = (after(MOMENT), tick(MOMENT));
    println!(
        "{} {}, {} {}",
        one.same_channel(&one.clone()),
        one.same_channel(&after(MOMENT)),
        other.same_channel(&other.clone()),
        other.same_channel(&one)
    );
}

fn ticks_until_a_timeout() {
    let ticker = tick(ms(20));
    let timeout = after(ms(50));
    let mut ticks = 0;
    loop {
        select! {
            recv(ticker) -> _ => ticks += 1,
            recv(timeout) -> _ => break,
        }
    }
    println!("{ticks} ticks");
}

fn an_optional_timeout() {
    wait_for_one(Some(MOMENT));
}

fn no_optional_timeout() {
    wait_for_one(None);
}

fn wait_for_one(duration: Option<Duration>) {
    let (sender, receiver) = unbounded();
    let theirs = sender.clone();
    std::thread::spawn(move || {
        std::thread::sleep(MOMENT);
        let _ = theirs.send(1);
    });
    let timeout = duration.map(after).unwrap_or(never());
    select! {
        recv(receiver) -> message => println!("{message:?}"),
        recv(timeout) -> _ => println!("timed out"),
    }
    drop(sender);
}

fn ticking_for_ever() {
    for _ in tick(ms(10)) {}
}

fn ticking_out_of_step() {
    let (short, long) = (tick(ms(2)), tick(ms(3)));
    loop {
        select! {
            recv(short) -> _ => {}
            recv(long) -> _ => {}
        }
    }
}

fn waiting_again_and_again() {
    let (_sender, receiver) = unbounded::<()>();
    loop {
        select! {
            recv(receiver) -> _ => break,
            recv(after(ms(10))) -> _ => {}
        }
    }
}

fn timing_out_for_ever() {
    let (_sender, receiver) = unbounded::<()>();
    while receiver.recv_timeout(ms(10)).is_err() {}
}

fn ticking_until_told() {
    let (sender, receiver) = unbounded();
    let thread = std::thread::spawn(move || {
        let ticker = tick(ms(1));
        loop {
            select! {
                recv(ticker) -> _ => {}
                recv(receiver) -> _ => break,
            }
        }
    });
    std::thread::sleep(ms(5));
    sender.send(()).unwrap();
    thread.join().unwrap();
    println!("told");
}

fn the_time_between_ticks() {
    let ticker = tick(ms(10));
    let first = ticker.recv().unwrap();
    let second = ticker.recv().unwrap();
    let start = Instant::now();
    for _ in 0..3 {
        ticker.recv().unwrap();
    }
    println!(
        "{} {} {}",
        (second - first).as_millis(),
        (start - first).as_millis(),
        start.elapsed().as_millis()
    );
}

fn moments_that_are_kept() {
    let start = Instant::now();
    let moments: Vec<Instant> = tick(ms(1)).iter().take(3).collect();
    let [one, two, three] = [0, 1, 2].map(|index| (moments[index] - start).as_millis());
    println!("{one} {two} {three}");
}

fn at_delivers_what_it_was_given() {
    let start = Instant::now();
    std::thread::sleep(ms(20));
    let delivered = at(start).recv().unwrap();
    println!("{} {}", delivered == start, delivered.elapsed().as_millis());
}

fn a_moment_before_the_start() {
    let now = Instant::now();
    println!("{}", (now - (now - Duration::from_secs(3600))).as_secs());
}

fn seconds_until_a_timer() {
    std::thread::spawn(|| {
        after(Duration::from_secs(4)).recv().unwrap();
        println!("over");
        std::process::exit(0);
    });
    loop {
        std::thread::sleep(Duration::from_secs(1));
        std::thread::yield_now();
    }
}

fn moments_are_compared() {
    let first = Instant::now();
    std::thread::sleep(Duration::from_secs(2));
    let second = Instant::now();
    println!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        second.checked_duration_since(first),
        first.checked_duration_since(second),
        second.duration_since(first),
        first.saturating_duration_since(second),
        second - first,
        first.elapsed(),
    );
}

/// Both are due, and one of them is left.
fn one_of_two_timers_is_taken() {
    let one = after(Duration::from_millis(1));
    let other = after(Duration::from_millis(1));
    select! {
        recv(one) -> _ => {}
        recv(other) -> _ => {}
    }
    println!("{} {}", one.try_recv().is_ok(), other.try_recv().is_ok());
}

/// Sleeps or not, which nothing but the clock tells afterwards.
fn may_sleep(time: Duration) {
    let start = Instant::now();
    let sleeps = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| sleeps.store(true, SeqCst));
        if sleeps.load(SeqCst) {
            thread::sleep(time);
        }
    });
    // Here the two are in one place.
    println!("between");
    println!("{:?}", start.elapsed());
}

fn seconds_that_may_have_passed() {
    may_sleep(Duration::from_secs(1));
}

fn milliseconds_that_may_have_passed() {
    may_sleep(Duration::from_millis(1));
}
