//! The guarantees that a few listings' outputs are held against: they allow
//! exactly what the programs can print, no more and no less.

use mdbook_interleaved::listings::Ends;
use std::collections::BTreeSet;
use tests::order::{self, Order, Orders};

fn orders() -> Orders {
    tests::orders().unwrap()
}

fn order(toml: &str) -> Vec<Order> {
    order::read(toml).unwrap().remove("it").unwrap()
}

fn allows(orders: &[Order], output: &str) -> bool {
    order::is_possible(orders, output, Ends::Returns)
}

/// Counted by hand, or by exploring every schedule of a model of the program.
#[test]
fn a_listing_has_as_many_outputs_as_are_known() {
    let known = [
        // Seven lines of which two threads' three keep their order: 7!/(3!·3!).
        ("two-threads", 140),
        ("generate-and-print", 8),
        ("forgotten-drop", 8),
        ("workers-share-a-channel", 117_120),
        ("two-locks", 4),
        ("rendezvous", 4),
        ("foreground-and-background", 3),
    ];
    let orders = orders();
    for (name, count) in known {
        assert_eq!(order::count(&orders[name]), Some(count), "{name}");
    }
}

#[test]
fn what_varies_is_not_counted() {
    assert_eq!(order::count(&orders()["three-seconds"]), None);
}

/// No line may be made up, doubled or changed.
#[test]
fn a_doctored_output_is_rejected() {
    let workspace = tests::workspace();
    let listings = workspace.listings().unwrap();
    for (name, orders) in orders() {
        let output = std::fs::read_to_string(listings.transcript_path(&name)).unwrap();
        let ends = &listings.get(&name).unwrap().ends;
        let is_possible = |output: &str| {
            ends.iter()
                .any(|&ends| order::is_possible(&orders, output, ends))
        };
        assert!(is_possible(&output), "{name}");
        let lines: Vec<&str> = output.lines().collect();
        let joined = |lines: &[&str]| lines.join("\n") + "\n";

        assert!(!is_possible(&(output.clone() + "one more\n")), "{name}");
        assert!(!is_possible(&format!("\n{output}")), "{name}");
        for at in 0..lines.len() {
            let mut doubled = lines.clone();
            doubled.insert(at, lines[at]);
            assert!(
                !is_possible(&joined(&doubled)),
                "{name}: {} twice",
                lines[at]
            );

            let mut changed = lines.clone();
            let other = format!("{}!", lines[at]);
            changed[at] = &other;
            assert!(!is_possible(&joined(&changed)), "{name}: {other}");
        }
    }
}

/// Nor left out, where the program waits for all of its threads.
#[test]
fn a_line_is_not_left_out() {
    let (listings, orders) = (tests::workspace().listings().unwrap(), orders());
    for name in [
        "two-threads",
        "generate-and-print",
        "workers-share-a-channel",
    ] {
        let output = std::fs::read_to_string(listings.transcript_path(name)).unwrap();
        let lines: Vec<&str> = output.split_inclusive('\n').collect();
        for at in 0..lines.len() {
            let mut fewer = lines.clone();
            let line = fewer.remove(at);
            assert!(
                !allows(&orders[name], &fewer.concat()),
                "{name} without {line}"
            );
        }
    }
}

#[test]
fn an_order_is_kept() {
    let orders = orders();
    let talk = &orders["generate-and-print"];
    let lines = [
        "sending 1 to channel",
        "sending 2 to channel",
        "read 1 from channel",
        "sending 3 to channel",
        "read 2 from channel",
        "read 3 from channel",
        "Waiting for threads to finish...",
        "Done!",
    ];
    let mut possible = BTreeSet::new();
    for first in 0..lines.len() {
        for second in first..lines.len() {
            let mut swapped = lines;
            swapped.swap(first, second);
            let output: String = swapped.iter().map(|line| format!("{line}\n")).collect();
            if allows(talk, &output) {
                possible.insert((first, second));
            }
        }
    }
    // As it is (eight times "swapped" with itself), and three neighbours that
    // may change places: nobody else may.
    let unchanged = (0..lines.len()).map(|at| (at, at));
    let expected: BTreeSet<_> = unchanged.chain([(1, 2), (3, 4), (5, 6)]).collect();
    assert_eq!(possible, expected);
}

#[test]
fn a_worker_prints_before_it_takes_the_next() {
    let workers = &orders()["workers-share-a-channel"];
    let possible = "sending 1 to channel\nsending 2 to channel\nsending 3 to channel\n\
        1: read 1 from channel\n2: read 2 from channel\nsending 4 to channel\n\
        sending 5 to channel\n1: read 4 from channel\n3: read 3 from channel\n\
        Waiting for workers to finish...\n1: read 5 from channel\nDone!\n";
    assert!(allows(workers, possible));
    // When 3 is sent, 2 has been taken: by worker 1 only if it had printed 1.
    assert!(!allows(
        workers,
        &possible.replace("2: read 2", "1: read 2")
    ));
    // A worker prints in the order in which it takes.
    assert!(!allows(
        workers,
        &possible.replace("3: read 3", "1: read 3")
    ));
    assert!(!allows(
        workers,
        &possible.replace("3: read 3", "4: read 3")
    ));
}

#[test]
fn a_cut_program_may_stop_anywhere_but_in_main() {
    let it = order("[[it]]\nmain = ['m1', 'm2']\nthreads = [['long 1', 'long 2']]\ncut = true");
    for possible in [
        "m1\nm2\n",
        "m1\nlong 1\nm2\n",
        "m1\nm2\nlong 1\nlo",
        "m1\nm2\nlong 1",
    ] {
        assert!(allows(&it, possible), "{possible:?}");
    }
    for impossible in [
        "m1\n",
        "",
        "m1\nm2\nlong 2\n",
        "m1\nm2\nx",
        "m1\nm2\nlong 1\nlong 1",
    ] {
        assert!(!allows(&it, impossible), "{impossible:?}");
    }
}

#[test]
fn only_a_cut_program_may_tear_a_line() {
    let it = order("[[it]]\nmain = ['one', 'two']");
    assert!(allows(&it, "one\ntwo\n"));
    assert!(!allows(&it, "one\ntwo"));
    assert!(!allows(&it, "one\ntw"));
}

#[test]
fn placeholders_stand_for_what_they_say() {
    let it = order("[[it]]\nmain = ['{number} of {3+}', 'in {decimal} ms', 'a {red|blue} one']");
    assert!(allows(&it, "0 of 3\nin    1.25 ms\na blue one\n"));
    for impossible in [
        "x of 3\nin 1.2 ms\na red one\n",
        "0 of 2\nin 1.2 ms\na red one\n",
        "0 of 3\nin 12 ms\na red one\n",
        "0 of 3\nin 1.2 ms\na green one\n",
        "0 of 3\nin 1.2 ms\na red one \n",
    ] {
        assert!(!allows(&it, impossible), "{impossible:?}");
    }
}

#[test]
fn the_ending_chooses_among_the_ways() {
    let it = order("[[it]]\nmain = ['done']\n[[it]]\nends = 'deadlocks'\nmain = ['stuck']");
    assert!(order::is_possible(&it, "stuck\n", Ends::Deadlocks));
    assert!(!order::is_possible(&it, "stuck\n", Ends::Returns));
    assert!(order::is_possible(&it, "done\n", Ends::Returns));
}

#[test]
fn a_mistake_in_the_form_is_a_sentence() {
    for (toml, sentence) in [
        (
            "[[it]]\nmain = ['a']\nbefore = ['b -> a']",
            "no thread prints \"b\"",
        ),
        (
            "[[it]]\nmain = ['a', 'a']\nbefore = ['* -> a']",
            "printed more than once",
        ),
        ("[[it]]\nmain = ['a']\nbefore = ['a']", "is no arrow"),
        ("[[it]]\nmain = ['{a}']", "stands for nothing"),
        ("[[it]]\nmain = ['{number']", "lacks a closing brace"),
        ("[[it]]\nmian = ['a']", "unknown field"),
    ] {
        let error = order::read(toml).unwrap_err();
        assert!(format!("{error:#}").contains(sentence), "{error:#}");
    }
}
