//! Goes through every state of a program, depth first; looks for one output
//! by the shortest way; runs one schedule again.

use crate::graph::Graph;
use crate::labels::label;
use crate::machine::{Alternative, Interrupt, Machine, Setup, Snapshot};
use crate::membership::Expected;
use crate::trace::Recorder;
use crate::{
    Ending, Labels, Membership, NotPossible, Program, Progress, Refused, Schedule, Settings,
    Stopped, Trace, memory,
};
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many steps pass between looks at the clock and calls of `progress`.
const STEPS_BETWEEN_LOOKS: u64 = 256;

/// How long between calls of `progress`.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The part of the memory limit that pictures of states may take.
const SNAPSHOT_SHARE: usize = 4;

/// What came of exploring a program.
pub struct Exploration {
    /// The states that were found.
    pub graph: Graph,
    /// `None` if these are all.
    pub stopped: Option<Stopped>,
    /// How many executions it took, each up to an end or a known state.
    pub executions: u64,
    /// How long it took.
    pub took: Duration,
    /// What every edge does, if that was asked for.
    pub labels: Option<Labels>,
    /// The limits that hold for what is done with the graph.
    pub(crate) limits: Budget,
}

impl Exploration {
    /// Seconds since exploring began.
    pub(crate) fn seconds(&self) -> f64 {
        self.limits.started.elapsed().as_secs_f64()
    }
}

/// What is left of the limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    started: Instant,
    time: Duration,
    memory: usize,
    /// What was allocated before.
    before: usize,
}

impl Budget {
    fn new(settings: &Settings) -> Budget {
        Budget {
            started: Instant::now(),
            time: settings.limits.time,
            memory: settings.limits.memory,
            before: memory::allocated(),
        }
    }

    pub(crate) fn allocated(&self) -> usize {
        memory::allocated().saturating_sub(self.before)
    }

    /// Whether `more` bytes can be had.
    pub(crate) fn has_memory(&self, more: usize) -> bool {
        self.allocated().saturating_add(more) <= self.memory
    }

    pub(crate) fn has_time(&self) -> bool {
        self.started.elapsed() < self.time
    }
}

/// States have names that are hashes already.
#[derive(Default)]
pub(crate) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only for names");
    }

    fn write_u128(&mut self, name: u128) {
        self.0 = name as u64;
    }
}

pub(crate) type ByName<T> = HashMap<u128, T, BuildHasherDefault<NameHasher>>;

/// Bytes that a map takes when it next grows.
pub(crate) fn map_growth<T>(map: &ByName<T>) -> usize {
    if map.len() < map.capacity() {
        return 0;
    }
    4 * (map.capacity() + 8) * (size_of::<u128>() + size_of::<T>() + 1)
}

/// One program at a time.
fn engine() -> MutexGuard<'static, ()> {
    static ENGINE: Mutex<()> = Mutex::new(());
    ENGINE.lock().unwrap_or_else(|poison| poison.into_inner())
}

fn machine(settings: &Settings) -> Machine {
    Machine::new(Setup {
        clock: settings.clock,
        stderr: settings.stderr,
        reduce: settings.reduce,
    })
}

/// Runs the program under every schedule, within limits.
///
/// `progress` is called now and then.
///
/// # Errors
/// Says what the program does that can't be modelled.
pub fn explore(
    program: &Program<'_>,
    settings: &Settings,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Refused> {
    explore_and_label(program, settings, 0, progress)
}

/// The same, which also says what every edge does if the graph is complete
/// and has at most this many edges.
///
/// # Errors
/// As [`explore`].
pub fn explore_and_label(
    program: &Program<'_>,
    settings: &Settings,
    label_edges: usize,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Refused> {
    let _engine = engine();
    let mut machine = machine(settings);
    loop {
        match explore_once(&mut machine, program, settings, label_edges, progress) {
            Ok(exploration) => return Ok(exploration),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(refused),
        }
    }
}

fn explore_once(
    machine: &mut Machine,
    program: &Program<'_>,
    settings: &Settings,
    label_edges: usize,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Exploration, Halt> {
    let mut explorer = Explorer::new(machine, settings);
    let stopped = explorer.run(program, progress)?;
    let mut exploration = Exploration {
        stopped,
        executions: explorer.executions,
        took: explorer.budget.started.elapsed(),
        limits: explorer.budget,
        graph: explorer.graph,
        labels: None,
    };
    if stopped.is_none() && exploration.graph.edges() <= label_edges {
        exploration.labels = Some(label(machine, program, &exploration.graph)?);
    }
    Ok(exploration)
}

/// Whether nothing will ever happen for a reason.
fn is_stuck(alternatives: &[Alternative]) -> bool {
    alternatives
        .iter()
        .all(|alternative| alternative.is_spurious())
}

/// Why exploring can't go on.
pub(crate) enum Halt {
    Restart,
    Refused(Refused),
}

/// A state on the current path.
struct Frame {
    state: u32,
    alternatives: Vec<Alternative>,
    /// The next alternative to try.
    next: usize,
    /// How to get back. Some are thrown away when they take too much memory.
    snapshot: Option<Snapshot>,
}

struct Explorer<'m> {
    machine: &'m mut Machine,
    settings: Settings,
    graph: Graph,
    known: ByName<u32>,
    path: Vec<Frame>,
    /// The bytes of all snapshots on the path.
    snapshots: usize,
    /// Of how many frames of the path one may keep its snapshot.
    sparse: usize,
    executions: u64,
    steps: u64,
    budget: Budget,
    /// A buffer for the next snapshot.
    spare: Vec<u8>,
    last_progress: Instant,
}

impl<'m> Explorer<'m> {
    fn new(machine: &'m mut Machine, settings: &Settings) -> Explorer<'m> {
        Explorer {
            machine,
            settings: *settings,
            graph: Graph::new(),
            known: ByName::default(),
            path: Vec::new(),
            snapshots: 0,
            sparse: 1,
            executions: 0,
            steps: 0,
            budget: Budget::new(settings),
            spare: Vec::new(),
            last_progress: Instant::now(),
        }
    }

    fn run(
        &mut self,
        program: &Program<'_>,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Option<Stopped>, Halt> {
        self.machine.start(program.main, program.locals);
        if let Some(interrupt) = self.machine.interrupt() {
            let first = self.graph.add_state();
            self.interrupted(first, 0, 0, ((0, None), false), interrupt)?;
            return Ok(None);
        }
        self.arrive();
        let mut here = true;
        while let Some(frame) = self.path.last_mut() {
            if frame.next == frame.alternatives.len() {
                self.leave_state();
                here = false;
                continue;
            }
            if let Some(stopped) = self.check_limits(progress) {
                return Ok(Some(stopped));
            }
            if !here {
                self.return_to_last();
            }
            here = self.take_next()?;
        }
        Ok(None)
    }

    /// Takes the next alternative of the path's last state. Whether that led
    /// to a new state, which is then the last.
    fn take_next(&mut self) -> Result<bool, Halt> {
        let frame = self.path.last_mut().expect("a state to go on from");
        let from = frame.state;
        let choice = u16::try_from(frame.next).expect("few alternatives");
        let alternative = frame.alternatives[frame.next];
        frame.next += 1;
        let text = self.machine.step(alternative);
        let text = self.graph.add_text(text);
        let threads = (alternative.threads(), alternative.is_spurious());
        if let Some(interrupt) = self.machine.interrupt() {
            self.interrupted(from, text, choice, threads, interrupt)?;
            return Ok(false);
        }
        if let Some(refused) = self.machine.doubt(true) {
            return Err(Halt::Refused(refused));
        }
        let new = self.graph.states();
        let to = self.arrive();
        self.graph
            .add_edge(from, to, text, choice, threads.0, threads.1);
        Ok(to as usize == new)
    }

    fn interrupted(
        &mut self,
        from: u32,
        text: u32,
        choice: u16,
        threads: ((u16, Option<u16>), bool),
        interrupt: Interrupt,
    ) -> Result<(), Halt> {
        match interrupt {
            Interrupt::Ended(ending) => {
                let to = self.graph.ending(&ending);
                self.graph
                    .add_edge(from, to, text, choice, threads.0, threads.1);
                self.executions += 1;
                Ok(())
            }
            Interrupt::Restart => Err(Halt::Restart),
            Interrupt::Refused { reason, at } => Err(Halt::Refused(Refused { reason, at })),
        }
    }

    /// The number of the state that the machine is in, which is put on the
    /// path if it is new.
    fn arrive(&mut self) -> u32 {
        let (snapshot, name) = self.machine.snapshot(std::mem::take(&mut self.spare));
        if self.settings.merge
            && let Some(&state) = self.known.get(&name)
        {
            self.executions += 1;
            self.spare = snapshot.into_buffer();
            return state;
        }
        let state = self.graph.add_state();
        if self.settings.merge {
            self.known.insert(name, state);
        }
        let alternatives = self.machine.alternatives();
        if is_stuck(&alternatives) {
            self.executions += 1;
            self.graph.add_stuck(state, self.machine.blocked());
        }
        let keep = alternatives.len() > 1 && self.path.len().is_multiple_of(self.sparse)
            || self.path.is_empty();
        let snapshot = if keep {
            self.snapshots += snapshot.size();
            Some(snapshot)
        } else {
            self.spare = snapshot.into_buffer();
            None
        };
        self.path.push(Frame {
            state,
            alternatives,
            next: 0,
            snapshot,
        });
        self.thin_out();
        state
    }

    /// Forgets every other snapshot when they take too much memory.
    fn thin_out(&mut self) {
        while self.snapshots > self.settings.limits.memory / SNAPSHOT_SHARE
            && self.sparse < self.path.len()
        {
            self.sparse *= 2;
            for (depth, frame) in self.path.iter_mut().enumerate() {
                if !depth.is_multiple_of(self.sparse)
                    && let Some(snapshot) = frame.snapshot.take()
                {
                    self.snapshots -= snapshot.size();
                }
            }
        }
    }

    fn leave_state(&mut self) {
        let frame = self.path.pop().expect("a state to leave");
        if let Some(snapshot) = frame.snapshot {
            self.snapshots -= snapshot.size();
            self.spare = snapshot.into_buffer();
        }
    }

    /// Puts the machine back into the path's last state.
    fn return_to_last(&mut self) {
        let nearest = self.path.iter().rposition(|frame| frame.snapshot.is_some());
        let nearest = nearest.expect("the first state keeps its snapshot");
        let snapshot = self.path[nearest].snapshot.as_ref().expect("just found");
        self.machine.restore(snapshot);
        let last = self.path.len() - 1;
        for frame in &self.path[nearest..last] {
            self.machine.step(frame.alternatives[frame.next - 1]);
        }
    }

    fn check_limits(&mut self, progress: &mut dyn FnMut(&Progress)) -> Option<Stopped> {
        if self.graph.states() as u64 >= self.settings.limits.states {
            return Some(Stopped::States);
        }
        let more = self.graph.growth() + map_growth(&self.known) + 2 * self.spare.capacity();
        if !self.budget.has_memory(more) {
            return Some(Stopped::Memory);
        }
        self.steps += 1;
        if !self.steps.is_multiple_of(STEPS_BETWEEN_LOOKS) {
            return None;
        }
        if self.last_progress.elapsed() >= PROGRESS_INTERVAL {
            self.last_progress = Instant::now();
            progress(&Progress {
                states: self.graph.states() as u64,
                executions: self.executions,
                seconds: self.budget.started.elapsed().as_secs_f64(),
                memory: self.budget.allocated(),
            });
        }
        (!self.budget.has_time()).then_some(Stopped::Time)
    }
}

/// Runs one schedule and tells all. After the schedule's end the program goes
/// on by each state's first alternative, up to `more` steps.
///
/// # Errors
/// Says what the program does that can't be modelled.
///
/// # Panics
/// If the schedule is not one of this program's under these settings.
pub fn trace(
    program: &Program<'_>,
    settings: &Settings,
    schedule: &Schedule,
    more: usize,
) -> Result<Trace, Refused> {
    let _engine = engine();
    let mut machine = machine(settings);
    loop {
        match trace_once(&mut machine, program, schedule, more) {
            Ok(trace) => return Ok(trace),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(refused),
        }
    }
}

fn trace_once(
    machine: &mut Machine,
    program: &Program<'_>,
    schedule: &Schedule,
    more: usize,
) -> Result<Trace, Halt> {
    *machine.recorder() = Some(Recorder::new());
    machine.start(program.main, program.locals);
    let mut choices = schedule.0.iter().map(|&choice| usize::from(choice));
    let mut ending = None;
    let mut left = more;
    loop {
        match machine.interrupt() {
            None => {}
            Some(Interrupt::Ended(how)) => {
                ending = Some(how);
                break;
            }
            Some(Interrupt::Restart) => return Err(Halt::Restart),
            Some(Interrupt::Refused { reason, at }) => {
                return Err(Halt::Refused(Refused { reason, at }));
            }
        }
        let positions = machine.positions();
        recorder(machine).positions(positions);
        let alternatives = machine.alternatives();
        let Some(choice) = choices.next().or_else(|| {
            left = left.checked_sub(1)?;
            (!is_stuck(&alternatives)).then_some(0)
        }) else {
            if is_stuck(&alternatives) {
                ending = Some(Ending::Deadlocked);
            }
            break;
        };
        let alternative = alternatives[choice];
        recorder(machine).next_step(matches!(alternative, Alternative::Pair { .. }));
        machine.step(alternative);
    }
    let blocked = match ending {
        None | Some(Ending::Deadlocked) => machine.blocked(),
        _ => Vec::new(),
    };
    recorder(machine).ended(ending, blocked);
    Ok(machine.recorder().take().expect("recording").finish())
}

fn recorder(machine: &mut Machine) -> &mut Recorder {
    machine.recorder().as_mut().expect("recording")
}

/// A state that a search may go on from.
struct Open {
    /// Smaller is better.
    cost: (usize, usize, u64),
    snapshot: Snapshot,
    position: usize,
    /// An index into the steps taken so far.
    came: usize,
}

impl PartialEq for Open {
    fn eq(&self, other: &Open) -> bool {
        self.cost == other.cost
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Open) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Open) -> std::cmp::Ordering {
        other.cost.cmp(&self.cost)
    }
}

/// Looks for one output without exploring everything else. `Err(Ok(…))` says
/// which limit was reached before the answer was known.
///
/// `expected` is what must be printed, and how it must end, if that matters.
/// A deadlock is found; [`Ending::NeverEnds`] is not.
///
/// # Errors
/// Says which limit was reached, or what the program does that can't be
/// modelled.
pub fn search(
    program: &Program<'_>,
    settings: &Settings,
    text: &str,
    ending: Option<&Ending>,
) -> Result<Membership, Result<Stopped, Refused>> {
    let _engine = engine();
    let mut machine = machine(settings);
    loop {
        let mut search = Search {
            machine: &mut machine,
            expected: Expected { text, ending },
            settings,
            budget: Budget::new(settings),
            steps: Vec::new(),
            seen: HashSet::default(),
            open: BinaryHeap::new(),
            furthest: 0,
            instead: BTreeSet::new(),
        };
        match search.run(program) {
            Ok(result) => return result.map_err(Ok),
            Err(Halt::Restart) => {}
            Err(Halt::Refused(refused)) => return Err(Err(refused)),
        }
    }
}

/// A best-first search: states in which threads are about to print what can
/// no longer come wait until nothing better is left.
struct Search<'a> {
    machine: &'a mut Machine,
    expected: Expected<'a>,
    settings: &'a Settings,
    budget: Budget,
    /// Each with the one before it.
    steps: Vec<(usize, u16)>,
    seen: HashSet<u128, BuildHasherDefault<NameHasher>>,
    open: BinaryHeap<Open>,
    furthest: usize,
    instead: BTreeSet<String>,
}

/// Before the first step.
const START: usize = usize::MAX;

impl Search<'_> {
    fn run(&mut self, program: &Program<'_>) -> Result<Result<Membership, Stopped>, Halt> {
        self.machine.start(program.main, program.locals);
        if let Some(interrupt) = self.machine.interrupt() {
            if self.ended(interrupt, 0)? {
                return Ok(Ok(Membership::Possible(Schedule(Vec::new()))));
            }
            return Ok(Ok(self.not_possible()?));
        }
        if self.arrive(0, START) {
            return Ok(Ok(self.possible(START)));
        }
        while let Some(open) = self.open.pop() {
            if let Some(stopped) = self.limit() {
                return Ok(Err(stopped));
            }
            if let Some(last) = self.expand(&open)? {
                return Ok(Ok(self.possible(last)));
            }
        }
        Ok(Ok(self.not_possible()?))
    }

    fn limit(&self) -> Option<Stopped> {
        if self.seen.len() as u64 >= self.settings.limits.states {
            return Some(Stopped::States);
        }
        let more = 2 * self.seen.capacity() * size_of::<u128>();
        if !self.budget.has_memory(more + (1 << 20)) {
            return Some(Stopped::Memory);
        }
        (!self.budget.has_time()).then_some(Stopped::Time)
    }

    /// Tries every alternative of a state. The last step, if that is the end.
    fn expand(&mut self, open: &Open) -> Result<Option<usize>, Halt> {
        self.machine.restore(&open.snapshot);
        let alternatives = self.machine.alternatives();
        for (choice, &alternative) in alternatives.iter().enumerate() {
            if choice > 0 {
                self.machine.restore(&open.snapshot);
            }
            let text = self.machine.step(alternative).to_owned();
            let interrupt = self.machine.interrupt();
            if let Some(Interrupt::Restart) = interrupt {
                return Err(Halt::Restart);
            }
            let Some(position) = self.expected.after(open.position, &text) else {
                self.could_have_come(open.position, &text);
                continue;
            };
            let choice = u16::try_from(choice).expect("few alternatives");
            self.steps.push((open.came, choice));
            let step = self.steps.len() - 1;
            if let Some(interrupt) = interrupt {
                if self.ended(interrupt, position)? {
                    return Ok(Some(step));
                }
                continue;
            }
            if self.arrive(position, step) {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    /// Whether this end is the expected one.
    fn ended(&mut self, interrupt: Interrupt, position: usize) -> Result<bool, Halt> {
        match interrupt {
            Interrupt::Ended(ending) => Ok(self.is_expected(&ending, position)),
            Interrupt::Restart => Err(Halt::Restart),
            Interrupt::Refused { reason, at } => Err(Halt::Refused(Refused { reason, at })),
        }
    }

    fn is_expected(&mut self, ending: &Ending, position: usize) -> bool {
        if self.expected.accepts(ending, position) {
            return true;
        }
        self.could_have_come(position, &format!("[{ending}]"));
        false
    }

    /// Notes the state that the machine is in. Whether it is the expected
    /// end: a deadlock.
    fn arrive(&mut self, position: usize, came: usize) -> bool {
        let (snapshot, name) = self.machine.snapshot(Vec::new());
        let alternatives = self.machine.alternatives();
        if is_stuck(&alternatives) && self.is_expected(&Ending::Deadlocked, position) {
            return true;
        }
        if alternatives.is_empty() {
            return false;
        }
        let name = name.rotate_left(17)
            ^ (position as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        if self.seen.insert(name) {
            self.expected
                .furthest(&mut self.furthest, &mut self.instead, position);
            let lost = self
                .machine
                .about_to_print()
                .filter(|text| !self.expected.rest(position).contains(text))
                .count();
            let left = self.expected.text.len() - position;
            self.open.push(Open {
                cost: (lost, left, u64::MAX - self.steps.len() as u64),
                snapshot,
                position,
                came,
            });
        }
        false
    }

    fn could_have_come(&mut self, position: usize, text: &str) {
        self.expected
            .furthest(&mut self.furthest, &mut self.instead, position);
        if position == self.furthest && !text.is_empty() {
            self.instead.insert(text.to_owned());
        }
    }

    fn possible(&self, last: usize) -> Membership {
        let mut choices = Vec::new();
        let mut step = last;
        while step != START {
            let (before, choice) = self.steps[step];
            choices.push(choice);
            step = before;
        }
        choices.reverse();
        Membership::Possible(Schedule(choices))
    }

    /// What was found is possible beyond doubt; that nothing was found may
    /// not be enough.
    fn not_possible(&mut self) -> Result<Membership, Halt> {
        if let Some(refused) = self.machine.doubt(false) {
            return Err(Halt::Refused(refused));
        }
        Ok(Membership::NotPossible(NotPossible {
            prefix: self.expected.text[..self.furthest].to_owned(),
            instead: std::mem::take(&mut self.instead).into_iter().collect(),
        }))
    }
}
