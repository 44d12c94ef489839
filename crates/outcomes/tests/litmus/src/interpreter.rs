//! Runs litmus programs on atomics and threads: the originals, or others that
//! look like them.

/// Defines `run`, which runs a [`Program`](crate::Program) once on the atomics
/// and threads of the crate that is named, and returns its
/// [`Outcome`](crate::Outcome). Each thread calls `begin` first.
///
/// ```
/// outcomes_litmus::interpreter!(std);
/// use outcomes_litmus::{Program, Step, Value};
/// use std::sync::atomic::Ordering::SeqCst;
///
/// let store = vec![Step::Store(0, Value::Constant(1), SeqCst)];
/// let outcome = run(&Program { threads: vec![store] }, &|| ());
/// assert_eq!(outcome.to_string(), " ; 1");
/// ```
#[macro_export]
macro_rules! interpreter {
    ($std:ident) => {
        /// Runs a litmus program once. Each thread calls `begin` first.
        fn run(program: &$crate::Program, begin: &(dyn Fn() + Sync)) -> $crate::Outcome {
            use $crate::{Outcome, Program, Read, Step, Value};
            use $std::sync::atomic::{AtomicU32, fence};
            use $std::thread::{Scope, ScopedJoinHandle, scope};

            #[derive(Clone, Copy)]
            struct Thread<'a> {
                program: &'a Program,
                atomics: &'a [AtomicU32],
                begin: &'a (dyn Fn() + Sync),
            }

            /// What threads have read, each with its number.
            type Found = Vec<(usize, Vec<Read>)>;

            type Handles<'scope> = Vec<(usize, ScopedJoinHandle<'scope, Found>)>;

            fn take(handles: &mut Handles<'_>, thread: usize) -> Found {
                let place = handles.iter().position(|(number, _)| *number == thread);
                let (_, handle) = handles.swap_remove(place.expect("it was spawned"));
                handle.join().expect("no step panics")
            }

            impl<'scope> Thread<'scope> {
                fn spawn(
                    self,
                    scope: &'scope Scope<'scope, '_>,
                    number: usize,
                ) -> ScopedJoinHandle<'scope, Found> {
                    scope.spawn(move || {
                        (self.begin)();
                        self.run(scope, number)
                    })
                }

                fn run(self, scope: &'scope Scope<'scope, '_>, number: usize) -> Found {
                    let value = |value| Read {
                        value,
                        failed: false,
                    };
                    let (mut read, mut found) = (Vec::new(), Vec::new());
                    let mut handles = Vec::new();
                    for step in &self.program.threads[number] {
                        let atomic = step.location().map(|location| &self.atomics[location]);
                        let atomic = || atomic.expect("it has a location");
                        match *step {
                            Step::Load(_, ordering) => read.push(value(atomic().load(ordering))),
                            Step::Store(_, Value::Constant(value), ordering) => {
                                atomic().store(value, ordering);
                            }
                            Step::Store(_, Value::Read(from), ordering) => {
                                atomic().store(read[from].value, ordering);
                            }
                            Step::Swap(_, new, ordering) => {
                                read.push(value(atomic().swap(new, ordering)));
                            }
                            Step::FetchAdd(_, more, ordering) => {
                                read.push(value(atomic().fetch_add(more, ordering)));
                            }
                            Step::CompareExchange {
                                current,
                                new,
                                success,
                                failure,
                                weak,
                                ..
                            } => {
                                let exchanged = if weak {
                                    atomic().compare_exchange_weak(current, new, success, failure)
                                } else {
                                    atomic().compare_exchange(current, new, success, failure)
                                };
                                let failed = exchanged.is_err();
                                let (Ok(value) | Err(value)) = exchanged;
                                read.push(Read { value, failed });
                            }
                            Step::EndIfZero(from) if read[from].value == 0 => break,
                            Step::EndIfZero(_) => {}
                            Step::Fence(ordering) => fence(ordering),
                            Step::Spawn(other) => handles.push((other, self.spawn(scope, other))),
                            Step::Join(other) => found.extend(take(&mut handles, other)),
                        }
                    }
                    found.push((number, read));
                    found
                }
            }

            let threads = 0..program.threads.len();
            let atomics: Vec<AtomicU32> = (0..program.locations())
                .map(|_| AtomicU32::new(0))
                .collect();
            let mut found = scope(|scope| {
                let thread = Thread {
                    program,
                    atomics: &atomics,
                    begin,
                };
                let first = threads.filter(|&number| !program.is_spawned(number));
                let mut handles: Handles<'_> = first
                    .map(|number| (number, thread.spawn(scope, number)))
                    .collect();
                let mut found = Vec::new();
                while let Some(&(number, _)) = handles.first() {
                    found.extend(take(&mut handles, number));
                }
                found
            });
            found.sort_by_key(|(number, _)| *number);
            Outcome {
                read: found.into_iter().map(|(_, read)| read).collect(),
                last: atomics.into_iter().map(AtomicU32::into_inner).collect(),
            }
        }
    };
}
