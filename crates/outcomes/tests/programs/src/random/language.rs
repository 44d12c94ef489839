//! What random programs are made of.

use std::fmt;

/// A program. Whatever it finds is printed.
#[derive(Clone, Debug)]
pub struct Program {
    /// How many messages each of crossbeam's channels has room for, if there
    /// is a limit.
    pub rooms: [Option<usize>; 2],
    /// The same for the channel of `mpsc`.
    pub mpsc: Option<usize>,
    /// What happens when the data that threads share is dropped.
    pub shared: Dropped,
    /// What happens when a thread's result is dropped.
    pub results: Dropped,
    /// What happens when a message is dropped that nobody has received.
    pub messages: Dropped,
    /// What happens when a panic's payload is dropped.
    pub payloads: Dropped,
    /// What happens when a thread-local is dropped.
    pub locals: Dropped,
    /// What main does.
    pub main: Vec<Step>,
}

/// What happens when something is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named like what they do")]
pub enum Dropped {
    Nothing,
    Prints,
    Panics,
}

/// Something that a thread does.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub does: Construct,
    /// With which of two things, or how much.
    pub with: usize,
    /// What is done within.
    pub inner: Vec<Step>,
}

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}({}", self.does, self.with)?;
        if !self.inner.is_empty() {
            write!(formatter, ", {:?}", self.inner)?;
        }
        formatter.write_str(")")
    }
}

macro_rules! constructs {
    ($($(#[$about:meta])* $group:ident: $($construct:ident)*;)*) => {
        /// What a step can be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "named like what they do")]
        pub enum Construct {
            $($($construct,)*)*
        }

        /// What belongs together.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(clippy::enum_variant_names, reason = "wait groups are called so")]
        pub enum Group {
            $($(#[$about])* $group,)*
        }

        impl Group {
            /// All of them.
            pub const ALL: &[Group] = &[$(Group::$group,)*];

            /// What is in it.
            pub fn constructs(self) -> &'static [Construct] {
                match self {
                    $(Group::$group => &[$(Construct::$construct,)*],)*
                }
            }
        }
    };
}

constructs! {
    /// Threads start and wait for others.
    Starting: Spawn SpawnDetached SpawnNamed SpawnAlike Scope ScopeJoined ScopeOfCrossbeam;
    /// Standard output and standard error.
    Printing: Print PrintLines PrintPiece PrintSeen PrintError PrintLocked EndLocked Flush;
    /// What is done next.
    Branching: IfSeen Yield Join IsFinished Catch Return Panic PanicWithPayload ResumeUnwind;
    /// How the process ends.
    Ending: Exit Abort;
    /// An atomic.
    Atomic: Load Store FetchAdd Swap CompareExchange CompareExchangeLoop FetchUpdate LoadTwice
        SpinAWhile StaticAdd;
    /// A `Mutex`.
    Mutex: Add Hold TryLock PanicLocked IsPoisoned ClearPoison StaticLock;
    /// A `RwLock`.
    RwLock: Read Write TryRead TryWrite PanicWriting;
    /// A `Condvar` with its `Mutex`.
    Condvar: SetOne SetAll NotifyOne NotifyAll Wait WaitWhile WaitTimeout WaitTimeoutWhile;
    /// A `Barrier` for two.
    Barrier: BarrierWait;
    /// `Once`, `OnceLock` and `LazyLock`.
    Once: CallOnce CallOnceForce IsCompleted OnceWait Set Get GetOrInit CellWait Force;
    /// The tokens of threads.
    Parking: Park ParkTimeout UnparkMain UnparkParent UnparkChild Parker;
    /// A channel of `mpsc`.
    Mpsc: MpscSend MpscTrySend MpscReceive MpscTryReceive MpscReceiveTimeout MpscReceiveAll
        MpscDropSender MpscDropReceiver;
    /// Crossbeam's channels.
    Channel: Send TrySend SendTimeout Receive TryReceive ReceiveTimeout ReceiveAll TryReceiveAll
        Length IsFull DropSender DropReceiver Never;
    /// `select!`.
    Select: SelectBoth SelectDefault SelectTimeout SelectBiased SelectAfter SelectNever;
    /// `Select`.
    SelectList: ListSelect ListTry ListTimeout ListReady ListTryReady ListReadyTimeout ListBiased;
    /// Time.
    Time: Sleep After Tick;
    /// `WaitGroup`.
    WaitGroups: GroupWait GroupDrop;
    /// `Arc` and `Weak`.
    Owners: DropOwner StrongCount WeakCount Upgrade Downgrade DropWeak TryUnwrap IntoInner GetMut;
    /// Thread-locals.
    Locals: LocalAdd LocalSet LocalInit;
}

impl Construct {
    /// Whether something is done within it.
    pub fn has_inner(self) -> bool {
        use Construct::*;
        self.starts_threads()
            || matches!(
                self,
                IfSeen | Catch | Hold | Read | Write | CallOnce | GetOrInit | SelectDefault
            )
    }

    /// Whether that is done by another thread.
    pub fn starts_threads(self) -> bool {
        Group::Starting.constructs().contains(&self)
    }
}

/// What threads have ends of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Sender(usize),
    Receiver(usize),
    MpscSender,
    MpscReceiver,
    Owner,
    Weak,
    WaitGroup,
}

impl Step {
    /// A step in which nothing else is done.
    pub fn new(does: Construct, with: usize) -> Step {
        Step {
            does,
            with,
            inner: Vec::new(),
        }
    }

    /// Of what it itself needs an end.
    pub(super) fn ends(&self) -> &'static [End] {
        use Construct::*;
        use End::{MpscReceiver, MpscSender, Receiver, Sender};
        let either = |ends: [&'static [End]; 2]| ends[self.with % 2];
        match self.does {
            Send | TrySend | SendTimeout | DropSender => either([&[Sender(0)], &[Sender(1)]]),
            Receive | TryReceive | ReceiveTimeout | ReceiveAll | TryReceiveAll | Length
            | IsFull | DropReceiver | SelectAfter | SelectNever => {
                either([&[Receiver(0)], &[Receiver(1)]])
            }
            SelectBoth | SelectTimeout | ListSelect | ListTimeout | ListReady => {
                &[Sender(1), Receiver(0)]
            }
            SelectDefault | ListTry | ListTryReady | ListReadyTimeout => &[Sender(0), Receiver(1)],
            SelectBiased | ListBiased => &[Receiver(0), Receiver(1)],
            MpscSend | MpscTrySend | MpscDropSender => &[MpscSender],
            MpscReceive | MpscTryReceive | MpscReceiveTimeout | MpscReceiveAll
            | MpscDropReceiver => &[MpscReceiver],
            GroupWait | GroupDrop => &[End::WaitGroup],
            DropOwner | StrongCount | WeakCount | TryUnwrap | IntoInner | GetMut | Downgrade => {
                &[End::Owner]
            }
            Upgrade | DropWeak => &[End::Weak],
            _ => &[],
        }
    }
}

/// Whether these steps, or what is done within them, need an end of this.
pub(super) fn need(steps: &[Step], end: End) -> bool {
    steps
        .iter()
        .any(|step| step.ends().contains(&end) || need(&step.inner, end))
}

/// What a program is made of, by name: constructs, and what can be said of
/// the program as a whole.
pub fn made_of(program: &Program) -> Vec<String> {
    fn collect(steps: &[Step], threads: usize, names: &mut Vec<String>) {
        for step in steps {
            names.push(format!("{:?}", step.does));
            let starts = usize::from(step.does.starts_threads());
            if starts + threads > 1 && starts == 1 {
                names.push("a thread within a thread".to_owned());
            }
            collect(&step.inner, threads + starts, names);
        }
    }
    let mut names = Vec::new();
    collect(&program.main, 0, &mut names);
    let uses = |end| need(&program.main, end);
    for (number, room) in program.rooms.iter().enumerate() {
        if uses(End::Sender(number)) && uses(End::Receiver(number)) {
            names.push(match room {
                None => "unbounded".to_owned(),
                Some(room) => format!("bounded({room})"),
            });
        }
    }
    if uses(End::MpscSender) && uses(End::MpscReceiver) {
        names.push(match program.mpsc {
            None => "mpsc::channel".to_owned(),
            Some(room) => format!("mpsc::sync_channel({room})"),
        });
    }
    let uses_local = names
        .iter()
        .any(|name| name == "LocalInit" || name == "LocalSet");
    let panics = names
        .iter()
        .any(|name| name == "PanicWithPayload" || name == "ResumeUnwind");
    let drops = [
        ("shared data", program.shared, uses(End::Owner)),
        ("a thread's result", program.results, true),
        (
            "a lost message",
            program.messages,
            names.iter().any(|name| name.contains("DropReceiver")),
        ),
        ("a panic's payload", program.payloads, panics),
        ("a thread-local", program.locals, uses_local),
    ];
    for (what, dropped, is_used) in drops {
        if is_used && dropped != Dropped::Nothing {
            names.push(format!("the drop of {what} {dropped:?}").to_lowercase());
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Every name that [`made_of`] can give.
pub fn all_names() -> Vec<String> {
    let constructs = Group::ALL.iter().flat_map(|group| group.constructs());
    let mut names: Vec<String> = constructs
        .map(|construct| format!("{construct:?}"))
        .collect();
    let others = [
        "a thread within a thread",
        "unbounded",
        "bounded(0)",
        "bounded(1)",
        "bounded(2)",
        "mpsc::channel",
        "mpsc::sync_channel(0)",
        "mpsc::sync_channel(1)",
    ];
    names.extend(others.map(str::to_owned));
    let dropped = [
        "shared data",
        "a thread's result",
        "a lost message",
        "a panic's payload",
        "a thread-local",
    ];
    for what in dropped {
        names.push(format!("the drop of {what} prints"));
        names.push(format!("the drop of {what} panics"));
    }
    names
}
