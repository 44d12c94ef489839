use std::process::{ExitCode, Termination};
struct T;
impl Termination for T {
    fn report(self) -> ExitCode {
        ExitCode::from(3)
    }
}
fn main() -> T {
    println!("x");
    T
}
