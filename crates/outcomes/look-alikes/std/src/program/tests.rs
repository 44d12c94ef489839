//! What rustc has a program call of the crate `test` if it is told `--test`: a
//! `main` that is given the program's tests. The names and fields are those of
//! that crate, as `rustc_builtin_macros/src/test.rs` and `test_harness.rs` use them.

use super::{Report, start, tell};
use outcomes_engine::{Message, Refused, Test};
use std::env;

/// The variable that names the test which the request is about. Without it the
/// tests are listed.
const TEST: &str = "OUTCOMES_TEST";

pub struct TestDescAndFn {
    pub desc: TestDesc,
    pub testfn: TestFn,
}

pub struct TestDesc {
    pub name: TestName,
    pub ignore: bool,
    pub ignore_message: Option<&'static str>,
    pub source_file: &'static str,
    pub start_line: usize,
    pub start_col: usize,
    pub end_line: usize,
    pub end_col: usize,
    pub should_panic: ShouldPanic,
    pub compile_fail: bool,
    pub no_run: bool,
    pub test_type: TestType,
}

pub enum TestName {
    StaticTestName(&'static str),
}

pub enum TestFn {
    StaticTestFn(fn() -> Result<(), i32>),
}

pub enum ShouldPanic {
    No,
    Yes,
    YesWithMessage(&'static str),
}

pub enum TestType {
    UnitTest,
    IntegrationTest,
    DocTest,
    Unknown,
}

pub use TestFn::StaticTestFn;
pub use TestName::StaticTestName;

/// What a test has returned, as an exit code if it failed.
///
/// # Errors
/// With the code.
pub fn assert_test_result<T: Report>(result: T) -> Result<(), i32> {
    match result.report() {
        0 => Ok(()),
        code => Err(code),
    }
}

/// Answers the request about one test, or lists them all. Ends the process.
pub fn test_main_static(tests: &[&TestDescAndFn]) {
    let Ok(wanted) = env::var(TEST) else {
        tell(&Message::Tests(
            tests.iter().map(|it| it.listed()).collect(),
        ));
        return;
    };
    let Some(test) = tests.iter().find(|test| test.name() == wanted) else {
        tell(&Message::Refused(Refused {
            reason: format!("it has no test called {wanted}"),
            at: None,
        }));
        return;
    };
    let TestFn::StaticTestFn(run) = test.testfn;
    start(&|| run().err().unwrap_or(0));
}

impl TestDescAndFn {
    fn name(&self) -> &'static str {
        let TestName::StaticTestName(name) = self.desc.name;
        name
    }

    fn listed(&self) -> Test {
        Test {
            name: self.name().to_owned(),
            ignored: self.desc.ignore,
            why_ignored: self.desc.ignore_message.map(str::to_owned),
            should_panic: match self.desc.should_panic {
                ShouldPanic::No => None,
                ShouldPanic::Yes => Some(String::new()),
                ShouldPanic::YesWithMessage(message) => Some(message.to_owned()),
            },
        }
    }
}
