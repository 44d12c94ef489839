//! A modelled program is a process that answers one request.

use outcomes::{Check, Checked, Ending, Membership, Message, Request, Sample};
use std::io::Write;
use std::process::{Command, Stdio};

/// Asks the listing `two-threads`.
fn ask(request: &Request) -> Vec<Message> {
    let mut program = Command::new(env!("CARGO"))
        .args(["run", "-q", "-p", "outcomes-programs"])
        .args(["--bin", "explored-two-threads"])
        .env("OUTCOMES_REQUEST", "-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let request = outcomes_soak::to_json(request);
    program
        .stdin
        .take()
        .unwrap()
        .write_all(request.as_bytes())
        .unwrap();
    let output = program.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(outcomes_soak::from_json).collect()
}

#[test]
fn a_program_answers() {
    let possible = "Waiting for threads to finish...\n\
        Printing number 1\nPrinting number 2\nPrinting number 3\n\
        Generating number 1\nGenerating number 2\nGenerating number 3\nDone!\n";
    let check = |text: &str| Check {
        text: text.to_owned(),
        ending: Some(Ending::Returned),
    };
    let request = Request {
        list: 3,
        checks: vec![check(possible), check("Done!\n")],
        trace: Some(Sample::Output(139)),
        graph: 1_000,
        ..Request::default()
    };
    let messages = ask(&request);
    let Some(Message::Answer(answer)) = messages.last() else {
        panic!("{messages:?}");
    };
    assert_eq!(answer.outputs, Some(140));
    assert!(answer.complete);
    assert_eq!(answer.listed.len(), 3);
    assert_eq!(answer.endings.len(), 1);
    assert!(matches!(&answer.checked[..], [
        Checked::Known(Membership::Possible(_)),
        Checked::Known(Membership::NotPossible(why)),
    ] if why.prefix.is_empty() && why.instead.len() == 3));
    let trace = answer.trace.as_ref().unwrap();
    assert_eq!(trace.ending, Some(Ending::Returned));
    let at = trace.events.iter().find_map(|event| event.at.as_ref());
    assert!(at.unwrap().file.ends_with("two-threads.rs"), "{at:?}");
    assert_eq!(answer.graph.as_ref().unwrap().states, answer.states);
}
