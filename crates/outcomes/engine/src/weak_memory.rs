//! Memory as weak as `Relaxed`, `Acquire`, `Release` and `AcqRel` permit: which
//! of its values an atomic may show to whom.
//!
//! This is an operational form of RC11 (Lahav et al., *Repairing sequential
//! consistency in C/C++11*, PLDI 2017) with the release sequences of C++20,
//! with views as in Dang et al., *RustBelt meets relaxed memory* (POPL 2020):
//!
//! - A location is a list of messages, in the order of its changes. Each has a
//!   value, and the view that it releases to whoever acquires it.
//! - A view says for each location which messages are too old for whoever has
//!   it. A thread has one of now, one of after its next acquire fence, and one
//!   of its last release fence.
//! - A read takes any message that is not too old. A write goes anywhere behind
//!   those that are, but not between a message and the read-modify-write that
//!   read it.
//!
//! For `SeqCst`, RC11's psc must have no cycle. Its accesses and fences are
//! *nodes*, and views also say which of them came before, in the three ways that
//! make a difference there. What an access or a fence adds to psc is known when
//! it happens, since happens-before never leads to what has happened already.
//! Only a write that goes between others, and a read of an old message, are
//! ordered before what has happened: so messages keep what psc orders before
//! what comes after them, and fences what they had seen.
//!
//! # Equal futures are equal bytes
//! Messages are known by their place in the list, not by a time. What can make
//! no difference is forgotten ([`WeakMemory::forget`]):
//!
//! - A message that is too old for every thread. Views that would permit it are
//!   raised to what every thread has seen anyway.
//! - A node that no new edge of psc can lead to: those lead to a new node, to a
//!   write that is not too old for everybody and has older messages before it
//!   that are not either, or to a fence that had seen such. Who can't be reached
//!   from there is on no cycle that is to come. Nor is who could be left out of
//!   every cycle for another, which is reached from the same of these and comes
//!   before all that it comes before: the second of two loads in a loop.
//! - A location with one message of which nothing is left to acquire: whoever
//!   accesses it next brings the value along.
//!
//! A read-modify-write that rewrites the same value and releases nothing new
//! makes no message: who reads the new one may as well have read the old one. So
//! a thread that waits by `while lock.swap(true, Acquire)` comes back to where
//! it was.
//!
//! What is not asked for is not kept: psc only if [`Tracking::psc`], the views
//! of fences only if [`Tracking::fences`].
//!
//! # What it may use
//! `std`. It knows no machine and no program; `tests/litmus` holds it against
//! the definition, and against itself with nothing forgotten.

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

/// What is to be kept. Without, the program must not use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tracking {
    /// For fences.
    pub(crate) fences: bool,
    /// For `SeqCst` accesses and fences.
    pub(crate) psc: bool,
}

/// How an atomic is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is read.
    Read(Ordering),
    /// It is written.
    Write(Ordering),
    /// It is read and written.
    Change(Ordering),
}

impl Way {
    fn ordering(self) -> Ordering {
        match self {
            Way::Read(ordering) | Way::Write(ordering) | Way::Change(ordering) => ordering,
        }
    }
}

/// Something that isn't an atomic, by its address and which of its sides.
pub(crate) type Object = (usize, u8);

/// A set of nodes, by their numbers.
type Nodes = u64;

/// As many nodes are told apart at most.
const MOST_NODES: usize = Nodes::BITS as usize;

/// As many messages of a location are.
const MOST_MESSAGES: usize = 60_000;

/// By location, a place in the list of its messages.
type View = Vec<u16>;

/// What has happened before: of a thread, before it goes on; of a message,
/// before whoever acquires it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    /// The newest messages that were read or written.
    accessed: View,
    /// The newest messages that were written. Only for psc, as what follows.
    written: View,
    /// By location, fences that were before some access to it.
    fenced: Vec<Nodes>,
    /// `SeqCst` fences.
    fences: Nodes,
    /// `SeqCst` accesses.
    accesses: Nodes,
    /// Those that are ordered by psc before any `SeqCst` fence that comes now:
    /// something came after them in their thread, or at their location.
    settled: Nodes,
    /// Those after which their thread did something elsewhere.
    left: Nodes,
}

impl Seen {
    fn nothing(locations: usize) -> Seen {
        Seen {
            accessed: vec![0; locations],
            written: vec![0; locations],
            fenced: vec![0; locations],
            ..Seen::default()
        }
    }

    fn join(&mut self, other: &Seen) {
        let newest = |one: &mut View, other: &View| {
            for (one, other) in one.iter_mut().zip(other) {
                *one = (*one).max(*other);
            }
        };
        newest(&mut self.accessed, &other.accessed);
        newest(&mut self.written, &other.written);
        for (one, other) in self.fenced.iter_mut().zip(&other.fenced) {
            *one |= other;
        }
        self.fences |= other.fences;
        self.accesses |= other.accesses;
        self.settled |= other.settled;
        self.left |= other.left;
    }

    /// Makes room for a message.
    fn shift(&mut self, location: usize, place: u16) {
        for view in [&mut self.accessed, &mut self.written] {
            if view[location] >= place {
                view[location] += 1;
            }
        }
    }

    fn each_set(&mut self, change: &mut dyn FnMut(&mut Nodes)) {
        for fenced in &mut self.fenced {
            change(fenced);
        }
        change(&mut self.fences);
        change(&mut self.accesses);
        change(&mut self.settled);
        change(&mut self.left);
    }

    fn insert_location(&mut self, location: usize) {
        self.accessed.insert(location, 0);
        self.written.insert(location, 0);
        self.fenced.insert(location, 0);
    }

    fn remove_location(&mut self, location: usize) {
        self.accessed.remove(location);
        self.written.remove(location);
        self.fenced.remove(location);
    }

    /// Whether it says no more than what all threads know, by location.
    fn is_nothing(&self, common: &[u16]) -> bool {
        self.accessed
            .iter()
            .zip(common)
            .all(|(one, all)| one <= all)
            && self.written.iter().all(|&place| place == 0)
            && self.fenced.iter().all(|&nodes| nodes == 0)
            && self.fences | self.accesses | self.settled | self.left == 0
    }

    fn write_name(&self, bytes: &mut Vec<u8>) {
        for place in self.accessed.iter().chain(&self.written) {
            bytes.extend_from_slice(&place.to_le_bytes());
        }
        let sets = [self.fences, self.accesses, self.settled, self.left];
        for nodes in self.fenced.iter().chain(&sets) {
            bytes.extend_from_slice(&nodes.to_le_bytes());
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Message {
    value: u64,
    /// What whoever acquires it has seen.
    released: Seen,
    /// Whether a read-modify-write has read it, and comes right after.
    glued: bool,
    /// Its number, if it is `SeqCst`.
    node: Option<usize>,
    /// What psc orders before whatever is after this message: who wrote it,
    /// if that is `SeqCst`, and the fences before.
    writer: Nodes,
    /// The same for those who have read it.
    readers: Nodes,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Location {
    address: usize,
    messages: Vec<Message>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Thread {
    slot: u16,
    now: Seen,
    /// What it has seen after its next acquire fence.
    acquired: Seen,
    /// What it had seen at its last release fence.
    fenced: Seen,
    /// Its own `SeqCst` accesses.
    own: Nodes,
    /// Those of them after which it did nothing elsewhere.
    staying: Nodes,
    /// The address of its last event.
    location: Option<usize>,
    /// What its last event elsewhere had seen of [`Seen::left`].
    left_elsewhere: Nodes,
}

/// What a channel hands on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Channel {
    address: usize,
    /// By message, what its sender had seen.
    messages: Vec<Seen>,
    /// What those had seen who made room, who came last at the end. Where there are
    /// fewer than there is room for, the first room was there from the start.
    rooms: Vec<Seen>,
}

/// What is kept of a `SeqCst` access or fence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    thread: u16,
    /// Which nodes psc orders after it.
    after: Nodes,
    /// The address, of an access.
    location: Option<usize>,
    /// What a fence had seen.
    seen: Option<Seen>,
}

/// An access as far as it has got.
#[derive(Clone, Copy)]
struct Event {
    thread: usize,
    location: usize,
    /// Its number, if it is `SeqCst`.
    node: Option<usize>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct WeakMemory {
    tracking: Tracking,
    /// By address.
    locations: Vec<Location>,
    /// By slot.
    threads: Vec<Thread>,
    /// By slot, what threads had seen that have ended.
    ended: Vec<(u16, Seen)>,
    /// What was released into objects that aren't atomics.
    objects: Vec<(Object, Seen)>,
    /// By address.
    channels: Vec<Channel>,
    /// Which threads have to end before who waits at an address goes on.
    awaited: Vec<(usize, u16)>,
    /// By thread, then in its order.
    nodes: Vec<Node>,
    /// Whether there were more nodes or messages than can be told apart.
    overflown: bool,
}

fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Acquire | AcqRel | SeqCst)
}

fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Release | AcqRel | SeqCst)
}

fn members(nodes: Nodes) -> impl Iterator<Item = usize> {
    (0..MOST_NODES).filter(move |node| nodes >> node & 1 != 0)
}

fn short(place: usize) -> u16 {
    u16::try_from(place).expect("few messages")
}

impl WeakMemory {
    /// A memory in which nothing has happened, and which no thread knows.
    pub(crate) fn new(tracking: Tracking) -> WeakMemory {
        WeakMemory {
            tracking,
            ..WeakMemory::default()
        }
    }

    /// Whether more `SeqCst` accesses and fences, or values of an atomic, matter at
    /// the same time than can be told apart.
    pub(crate) fn is_overflown(&self) -> bool {
        self.overflown
    }

    fn each_seen(&mut self, change: &mut dyn FnMut(&mut Seen)) {
        for thread in &mut self.threads {
            change(&mut thread.now);
            change(&mut thread.acquired);
            change(&mut thread.fenced);
        }
        self.each_kept(change);
    }

    /// Those that are no thread's.
    fn each_kept(&mut self, change: &mut dyn FnMut(&mut Seen)) {
        for location in &mut self.locations {
            for message in &mut location.messages {
                change(&mut message.released);
            }
        }
        for (_, seen) in &mut self.ended {
            change(seen);
        }
        for (_, seen) in &mut self.objects {
            change(seen);
        }
        for channel in &mut self.channels {
            let all = channel.messages.iter_mut().chain(&mut channel.rooms);
            all.for_each(&mut *change);
        }
        for node in &mut self.nodes {
            if let Some(seen) = &mut node.seen {
                change(seen);
            }
        }
    }

    fn each_set(&mut self, change: &mut dyn FnMut(&mut Nodes)) {
        self.each_seen(&mut |seen| seen.each_set(change));
        for thread in &mut self.threads {
            change(&mut thread.own);
            change(&mut thread.staying);
            change(&mut thread.left_elsewhere);
        }
        for location in &mut self.locations {
            for message in &mut location.messages {
                change(&mut message.writer);
                change(&mut message.readers);
            }
        }
        for node in &mut self.nodes {
            change(&mut node.after);
        }
    }

    fn thread(&self, slot: u16) -> usize {
        let found = self.threads.binary_search_by_key(&slot, |one| one.slot);
        found.expect("it has started")
    }

    /// A thread starts, which knows what the one that starts it knows.
    pub(crate) fn start(&mut self, slot: u16, parent: Option<u16>) {
        let seen = match parent {
            Some(parent) => {
                let parent = self.thread(parent);
                self.begin_event(parent, None);
                self.threads[parent].now.clone()
            }
            None => Seen::nothing(self.locations.len()),
        };
        let place = self.threads.partition_point(|other| other.slot < slot);
        let nothing = Seen::nothing(self.locations.len());
        self.threads.insert(
            place,
            Thread {
                slot,
                now: seen,
                // What it has seen now comes to it by what it does first.
                acquired: nothing.clone(),
                fenced: nothing,
                own: 0,
                staying: 0,
                location: None,
                left_elsewhere: 0,
            },
        );
    }

    /// A thread ends.
    pub(crate) fn end(&mut self, slot: u16) {
        let thread = self.thread(slot);
        // Its end comes after what it has done last.
        self.begin_event(thread, None);
        let thread = self.threads.remove(thread);
        let place = self.ended.partition_point(|(other, _)| *other < slot);
        self.ended.insert(place, (slot, thread.now));
    }

    /// Who waits at this address goes on after the end of this thread, and has then
    /// seen what that one has seen.
    pub(crate) fn stands_for(&mut self, address: usize, slot: u16) {
        let entry = (address, slot);
        if let Err(place) = self.awaited.binary_search(&entry) {
            self.awaited.insert(place, entry);
        }
    }

    /// A thread has waited for the end of another.
    pub(crate) fn join(&mut self, slot: u16, ended: u16) {
        let thread = self.thread(slot);
        if let Ok(place) = self.ended.binary_search_by_key(&ended, |one| one.0) {
            let (_, seen) = self.ended.remove(place);
            return self.acquire_seen(thread, &seen);
        }
        // It is about to end, and does nothing any more; or all know what it knew.
        let mut seen = Seen::nothing(self.locations.len());
        if let Some(ending) = self.threads.iter().position(|other| other.slot == ended) {
            self.begin_event(ending, None);
            seen.join(&self.threads[ending].now);
        }
        self.acquire_seen(thread, &seen);
    }

    fn acquire_seen(&mut self, thread: usize, seen: &Seen) {
        self.begin_event(thread, None);
        let fences = self.tracking.fences;
        let thread = &mut self.threads[thread];
        thread.now.join(seen);
        if fences {
            thread.acquired.join(seen);
        }
    }

    /// A thread gives what it has seen to whoever acquires this object.
    pub(crate) fn release(&mut self, slot: u16, object: Object) {
        let thread = self.thread(slot);
        self.begin_event(thread, None);
        let now = &self.threads[thread].now;
        match self.objects.binary_search_by_key(&object, |one| one.0) {
            Ok(place) => self.objects[place].1.join(now),
            Err(place) => self.objects.insert(place, (object, now.clone())),
        }
    }

    /// A thread takes what was given to this object.
    pub(crate) fn acquire(&mut self, slot: u16, object: Object) {
        let thread = self.thread(slot);
        match self.objects.binary_search_by_key(&object, |one| one.0) {
            Ok(place) => {
                let seen = self.objects[place].1.clone();
                self.acquire_seen(thread, &seen);
            }
            Err(_) => self.begin_event(thread, None),
        }
    }

    /// Whether a thread would see something new by [`acquire`](Self::acquire).
    pub(crate) fn tells(&self, slot: u16, object: Object) -> bool {
        let now = &self.threads[self.thread(slot)].now;
        let place = self.objects.binary_search_by_key(&object, |one| one.0);
        place.is_ok_and(|place| {
            let mut both = now.clone();
            both.join(&self.objects[place].1);
            both != *now
        })
    }

    /// Two threads meet: each sees what the other has seen.
    pub(crate) fn meet(&mut self, one: u16, other: u16) {
        let (one, other) = (self.thread(one), self.thread(other));
        self.begin_event(one, None);
        self.begin_event(other, None);
        let mut both = self.threads[one].now.clone();
        both.join(&self.threads[other].now);
        self.acquire_seen(one, &both);
        self.acquire_seen(other, &both);
    }

    fn channel(&mut self, address: usize) -> &mut Channel {
        let channels = &mut self.channels;
        let place = match channels.binary_search_by_key(&address, |one| one.address) {
            Ok(place) => place,
            Err(place) => {
                let channel = Channel {
                    address,
                    messages: Vec::new(),
                    rooms: Vec::new(),
                };
                channels.insert(place, channel);
                place
            }
        };
        &mut channels[place]
    }

    /// A thread puts a message into a channel, which has room for it.
    pub(crate) fn send(&mut self, slot: u16, address: usize, capacity: Option<usize>) {
        let thread = self.thread(slot);
        self.begin_event(thread, None);
        let channel = self.channel(address);
        let free = capacity.map(|all| all.saturating_sub(channel.messages.len()));
        let room = match free {
            Some(free) if free > 0 && channel.rooms.len() >= free => Some(channel.rooms.remove(0)),
            _ => None,
        };
        if let Some(room) = room {
            self.acquire_seen(thread, &room);
        }
        let now = self.threads[thread].now.clone();
        let channel = self.channel(address);
        channel.messages.push(now);
    }

    /// A thread takes the first message of a channel.
    pub(crate) fn receive(&mut self, slot: u16, address: usize, capacity: Option<usize>) {
        let thread = self.thread(slot);
        self.begin_event(thread, None);
        let channel = self.channel(address);
        if channel.messages.is_empty() {
            return;
        }
        let seen = channel.messages.remove(0);
        self.acquire_seen(thread, &seen);
        if capacity.is_some_and(|all| all > 0) {
            let now = self.threads[thread].now.clone();
            self.channel(address).rooms.push(now);
        }
    }

    /// Whatever was done is seen by everybody, also what threads did that have ended.
    pub(crate) fn synchronize(&mut self) {
        let mut all = Seen::nothing(self.locations.len());
        for (_, seen) in &self.ended {
            all.join(seen);
        }
        for thread in 0..self.threads.len() {
            self.begin_event(thread, None);
            all.join(&self.threads[thread].now);
        }
        for thread in 0..self.threads.len() {
            self.acquire_seen(thread, &all);
        }
    }

    /// What was at these addresses is gone.
    pub(crate) fn free(&mut self, start: usize, end: usize) {
        let is_gone = |address: usize| start <= address && address < end;
        self.objects.retain(|((address, _), _)| !is_gone(*address));
        self.channels.retain(|channel| !is_gone(channel.address));
        self.awaited.retain(|(address, _)| !is_gone(*address));
        for location in (0..self.locations.len()).rev() {
            if is_gone(self.locations[location].address) {
                self.remove_location(location);
            }
        }
        // What comes to these addresses are other atomics.
        for node in &mut self.nodes {
            node.location = node.location.filter(|address| !is_gone(*address));
        }
        for thread in &mut self.threads {
            thread.location = thread.location.filter(|address| !is_gone(*address));
        }
    }

    fn remove_location(&mut self, location: usize) {
        self.locations.remove(location);
        self.each_seen(&mut |seen| seen.remove_location(location));
    }

    fn find(&self, address: usize) -> Result<usize, usize> {
        self.locations
            .binary_search_by_key(&address, |one| one.address)
    }

    /// The list of an atomic of which the newest value is known. If that is
    /// another than was written last, somebody has had it for himself, and
    /// everybody who comes there since has seen that.
    fn locate(&mut self, address: usize, value: u64) -> usize {
        let place = match self.find(address) {
            Ok(location) => {
                let messages = &self.locations[location].messages;
                if messages.last().is_some_and(|last| last.value == value) {
                    return location;
                }
                self.remove_location(location);
                location
            }
            Err(place) => place,
        };
        let released = Seen::nothing(self.locations.len());
        let message = Message {
            value,
            released,
            glued: false,
            node: None,
            writer: 0,
            readers: 0,
        };
        let messages = vec![message];
        self.locations.insert(place, Location { address, messages });
        self.each_seen(&mut |seen| seen.insert_location(place));
        place
    }

    /// Which messages an access may be behind, newest first: by how many newer
    /// ones there are. `way` says by its value what is done with one.
    pub(crate) fn choices(
        &self,
        slot: u16,
        address: usize,
        value: u64,
        way: &dyn Fn(u64) -> Option<Way>,
    ) -> Vec<u16> {
        let known = self.find(address).ok().filter(|&location| {
            let last = self.locations[location].messages.last();
            last.is_some_and(|last| last.value == value)
        });
        let Some(location) = known else {
            return way(value).map(|_| 0).into_iter().collect();
        };
        let messages = &self.locations[location].messages;
        let oldest = self.threads[self.thread(slot)].now.accessed[location];
        let last = short(messages.len() - 1);
        let possible = (oldest..=last).rev().filter(|&place| {
            let message = &messages[usize::from(place)];
            let Some(way) = way(message.value) else {
                return false;
            };
            if message.glued && !matches!(way, Way::Read(_)) {
                return false;
            }
            // Who is behind everything is ordered after everything.
            let age = last - place;
            if age == 0 || self.nodes.is_empty() {
                return true;
            }
            let mut after = self.clone();
            after.access(slot, address, value, age, way, message.value);
            after.is_consistent()
        });
        possible.map(|place| last - place).collect()
    }

    /// The value behind which there are so many newer ones.
    pub(crate) fn value(&self, address: usize, newest: u64, age: u16) -> u64 {
        match self.find(address) {
            Ok(location) if age > 0 => {
                let messages = &self.locations[location].messages;
                messages[messages.len() - 1 - usize::from(age)].value
            }
            _ => newest,
        }
    }

    /// An access happens, to or behind the message that has so many newer ones.
    /// `newest` is the newest value before; the one after it is returned.
    pub(crate) fn access(
        &mut self,
        slot: u16,
        address: usize,
        newest: u64,
        age: u16,
        way: Way,
        value: u64,
    ) -> u64 {
        let location = self.locate(address, newest);
        let thread = self.thread(slot);
        let messages = &self.locations[location].messages;
        let place = messages.len() - 1 - usize::from(age);
        let ordering = way.ordering();
        let event = self.begin_access(thread, location, ordering);
        match way {
            Way::Read(_) => self.read(event, place, ordering),
            Way::Write(_) => self.write(event, place + 1, value, ordering, false),
            Way::Change(_) => {
                self.read(event, place, ordering);
                if !self.changes_nothing(event, place, value, ordering) {
                    self.write(event, place + 1, value, ordering, true);
                } else if self.tracking.psc {
                    self.threads[thread].now.written[location] = short(place);
                }
            }
        }
        let last = self.locations[location].messages.last();
        last.expect("never empty").value
    }

    /// Whether nobody could tell the new message from the one that was read.
    fn changes_nothing(&self, event: Event, place: usize, value: u64, ordering: Ordering) -> bool {
        let message = &self.locations[event.location].messages[place];
        if message.value != value
            || event.node.is_some()
            || message.node.is_some()
            || message.writer | message.readers | self.before(event) != 0
        {
            return false;
        }
        let mut released = self.releasing(event.thread, ordering).clone();
        released.join(&message.released);
        // What it knows of this location, up to the message that it has read, says no
        // more than that message itself.
        released.accessed[event.location] = message.released.accessed[event.location];
        released == message.released
    }

    fn releasing(&self, thread: usize, ordering: Ordering) -> &Seen {
        let thread = &self.threads[thread];
        if releases(ordering) {
            &thread.now
        } else {
            &thread.fenced
        }
    }

    /// Something happens at an address, or at none.
    fn begin_event(&mut self, thread: usize, location: Option<usize>) {
        let Tracking { fences, psc } = self.tracking;
        let thread = &mut self.threads[thread];
        if psc {
            thread.now.settled |= thread.own;
            if location.is_none() || location != thread.location {
                thread.left_elsewhere = thread.now.left;
                thread.now.left |= thread.staying;
                thread.staying = 0;
                thread.location = location;
            }
        }
        if fences {
            thread.acquired.join(&thread.now);
        }
    }

    /// Orders nodes by psc. A cycle shows in [`WeakMemory::is_consistent`].
    fn order(&mut self, before: Nodes, after: usize) {
        for one in members(before).filter(|&one| one != after) {
            let reached = self.nodes[after].after | 1 << after;
            for (number, node) in self.nodes.iter_mut().enumerate() {
                if number == one || node.after >> one & 1 != 0 {
                    node.after |= reached;
                }
            }
        }
    }

    fn is_consistent(&self) -> bool {
        let mut nodes = self.nodes.iter().enumerate();
        nodes.all(|(number, node)| node.after >> number & 1 == 0)
    }

    /// A number for what a thread does now: behind all of its own.
    fn add_node(&mut self, thread: usize, location: Option<usize>) -> Option<usize> {
        if self.nodes.len() == MOST_NODES {
            self.overflown = true;
            return None;
        }
        let slot = self.threads[thread].slot;
        let number = self.nodes.partition_point(|node| node.thread <= slot);
        if number < self.nodes.len() {
            let before: Nodes = (1 << number) - 1;
            self.each_set(&mut |set| *set = *set & before | (*set & !before) << 1);
            for location in &mut self.locations {
                for message in &mut location.messages {
                    message.node = message.node.map(|node| node + usize::from(node >= number));
                }
            }
        }
        let node = Node {
            thread: slot,
            after: 0,
            location,
            seen: None,
        };
        self.nodes.insert(number, node);
        Some(number)
    }

    /// A thread accesses a location, if as `SeqCst` after what it has seen so
    /// far.
    fn begin_access(&mut self, thread: usize, location: usize, ordering: Ordering) -> Event {
        let address = Some(self.locations[location].address);
        self.begin_event(thread, address);
        let mut node = None;
        if ordering == SeqCst && self.tracking.psc {
            node = self.add_node(thread, address);
            let Thread {
                now,
                own,
                left_elsewhere,
                ..
            } = &self.threads[thread];
            let before = own | left_elsewhere | now.fences;
            if let Some(node) = node {
                self.order(before, node);
            }
        }
        Event {
            thread,
            location,
            node,
        }
    }

    /// What comes before an access, and psc orders before what comes after its
    /// message.
    fn before(&self, event: Event) -> Nodes {
        let own = event.node.map_or(0, |node| 1 << node);
        own | self.threads[event.thread].now.fences
    }

    /// What is ordered by an access that has seen what it will see.
    fn settle(&mut self, event: Event) {
        let Event {
            thread,
            location,
            node,
        } = event;
        if self.tracking.psc {
            let address = Some(self.locations[location].address);
            let here = |&node: &usize| self.nodes[node].location == address;
            let now = &self.threads[thread].now;
            let accesses = members(now.accesses).filter(here);
            let accesses = accesses.fold(0, |all, node| all | 1 << node);
            if let Some(node) = node {
                let before = accesses | now.fenced[location];
                self.order(before, node);
            }
            let thread = &mut self.threads[thread];
            thread.now.settled |= accesses;
            thread.now.fenced[location] |= thread.now.fences;
            if let Some(node) = node {
                thread.now.accesses |= 1 << node;
                thread.own |= 1 << node;
                thread.staying |= 1 << node;
            }
        }
        if self.tracking.fences {
            let thread = &mut self.threads[thread];
            thread.acquired.join(&thread.now);
        }
    }

    /// Orders an access before what is at its location after this place.
    fn order_before_newer(&mut self, event: Event, place: usize) {
        let before = self.before(event);
        if before == 0 {
            return;
        }
        let fences = self.threads[event.thread].now.fences;
        let newer = self.locations[event.location].messages[place + 1..].iter();
        let writes: Vec<usize> = newer.filter_map(|message| message.node).collect();
        for node in writes {
            self.order(before, node);
        }
        for node in 0..self.nodes.len() {
            let Some(seen) = &self.nodes[node].seen else {
                continue;
            };
            let (accessed, written) = (seen.accessed[event.location], seen.written[event.location]);
            if usize::from(written) > place {
                self.order(before, node);
            }
            if usize::from(accessed) > place {
                self.order(fences, node);
            }
        }
    }

    /// Reads the message at a place.
    fn read(&mut self, event: Event, place: usize, ordering: Ordering) {
        let released = &self.locations[event.location].messages[place].released;
        let thread = &mut self.threads[event.thread];
        let accessed = &mut thread.now.accessed[event.location];
        *accessed = short(place);
        if acquires(ordering) {
            thread.now.join(released);
        }
        if self.tracking.fences {
            thread.acquired.join(released);
        }
        self.settle(event);
        self.order_before_newer(event, place);
        let before = self.before(event);
        self.locations[event.location].messages[place].readers |= before;
    }

    /// Writes a message, to be at this place. A read-modify-write hands on
    /// what the one that it read has released.
    fn write(&mut self, event: Event, place: usize, value: u64, ordering: Ordering, changes: bool) {
        let Event {
            thread,
            location,
            node,
        } = event;
        if self.locations[location].messages.len() == MOST_MESSAGES {
            self.overflown = true;
            return;
        }
        self.each_seen(&mut |seen| seen.shift(location, short(place)));
        let psc = self.tracking.psc;
        let now = &mut self.threads[thread].now;
        now.accessed[location] = short(place);
        if psc {
            now.written[location] = short(place);
        }
        if changes {
            // What it does after it has read comes after that in its thread.
            now.settled |= node.map_or(0, |node| 1 << node);
        }
        self.settle(event);
        let mut released = self.releasing(thread, ordering).clone();
        let before = self.before(event);
        let messages = &mut self.locations[location].messages;
        if changes {
            messages[place - 1].glued = true;
            released.join(&messages[place - 1].released);
        }
        messages.insert(
            place,
            Message {
                value,
                released,
                glued: false,
                node,
                writer: before,
                readers: 0,
            },
        );
        if let Some(node) = node {
            let older = self.locations[location].messages[..place].iter();
            let older = older.fold(0, |all, message| all | message.writer | message.readers);
            self.order(older | if changes { before } else { 0 }, node);
        }
        self.order_before_newer(event, place);
    }

    /// A fence.
    pub(crate) fn fence(&mut self, slot: u16, ordering: Ordering) {
        let number = self.thread(slot);
        self.begin_event(number, None);
        let thread = &mut self.threads[number];
        if acquires(ordering) {
            thread.now = thread.acquired.clone();
        }
        if ordering == SeqCst && self.tracking.psc {
            self.fence_all(number);
        }
        let thread = &mut self.threads[number];
        thread.acquired.join(&thread.now);
        if releases(ordering) {
            thread.fenced = thread.now.clone();
        }
    }

    /// A `SeqCst` fence, which has seen what it will see.
    fn fence_all(&mut self, number: usize) {
        let Some(node) = self.add_node(number, None) else {
            return;
        };
        let seen = self.threads[number].now.clone();
        let mut before = seen.settled | seen.fences;
        let nodes = self.nodes.iter().enumerate();
        let fences = nodes.filter(|(_, node)| node.seen.is_some());
        let fences = fences.fold(0, |all, (node, _)| all | 1 << node);
        for (location, Location { messages, .. }) in self.locations.iter().enumerate() {
            let (written, accessed) = (seen.written[location], seen.accessed[location]);
            for (place, message) in (0..).zip(messages) {
                if place < written {
                    before |= message.writer | message.readers;
                }
                if place < accessed {
                    before |= (message.writer | message.readers) & fences;
                }
                if place == accessed {
                    before |= message.writer & fences;
                }
            }
        }
        self.nodes[node].seen = Some(seen);
        self.order(before, node);
        self.threads[number].now.fences |= 1 << node;
    }

    /// Forgets what can make no difference any more, so that equal futures have
    /// equal names. `waits` says at which address a thread waits for the end of
    /// others.
    pub(crate) fn forget(&mut self, waits: &dyn Fn(u16) -> Option<usize>) {
        if self.threads.is_empty() {
            return;
        }
        let common = self.common(waits);
        if self.tracking.psc {
            self.forget_nodes(&common);
        }
        let dropped = self.forget_messages(&common);
        let common: Vec<u16> = common
            .iter()
            .zip(&dropped)
            .map(|(all, gone)| all - gone)
            .collect();
        self.each_kept(&mut |seen| {
            for (place, all) in seen.accessed.iter_mut().zip(&common) {
                *place = (*place).max(*all);
            }
        });
        for thread in &mut self.threads {
            for seen in [&mut thread.now, &mut thread.acquired, &mut thread.fenced] {
                for (place, all) in seen.accessed.iter_mut().zip(&common) {
                    *place = (*place).max(*all);
                }
            }
            if thread.staying == 0 && thread.left_elsewhere == thread.now.left {
                thread.location = None;
            }
        }
        self.objects.retain(|(_, seen)| !seen.is_nothing(&common));
        self.ended.retain(|(_, seen)| !seen.is_nothing(&common));
        for channel in &mut self.channels {
            let old = channel.rooms.iter();
            let old = old.take_while(|seen| seen.is_nothing(&common)).count();
            channel.rooms.drain(..old);
        }
        self.channels
            .retain(|channel| !channel.messages.is_empty() || !channel.rooms.is_empty());
        self.forget_locations(common);
    }

    /// By location, what every thread has seen when it next goes on.
    fn common(&self, waits: &dyn Fn(u16) -> Option<usize>) -> Vec<u16> {
        let mut common = vec![u16::MAX; self.locations.len()];
        for thread in &self.threads {
            let mut seen = thread.now.accessed.clone();
            for awaited in self.awaited_by(thread.slot, waits) {
                for (one, other) in seen.iter_mut().zip(&awaited.accessed) {
                    *one = (*one).max(*other);
                }
            }
            for (all, one) in common.iter_mut().zip(seen) {
                *all = (*all).min(one);
            }
        }
        common
    }

    /// What those threads have seen that have to end before this one goes on. Where
    /// threads wait for each other's end, one may panic instead: nothing.
    fn awaited_by(&self, slot: u16, waits: &dyn Fn(u16) -> Option<usize>) -> Vec<&Seen> {
        let mut found: Vec<u16> = Vec::new();
        let mut open = vec![slot];
        while let Some(waiting) = open.pop() {
            let Some(address) = waits(waiting) else {
                continue;
            };
            let here = self.awaited.iter().filter(|(other, _)| *other == address);
            for &(_, awaited) in here {
                if awaited == slot {
                    return Vec::new();
                }
                if !found.contains(&awaited) {
                    found.push(awaited);
                    open.push(awaited);
                }
            }
        }
        let threads = self.threads.iter();
        let threads = threads.map(|thread| (thread.slot, &thread.now));
        let ended = self.ended.iter().map(|(slot, seen)| (*slot, seen));
        let found = threads
            .chain(ended)
            .filter(|(slot, _)| found.contains(slot));
        found.map(|(_, seen)| seen).collect()
    }

    fn forget_nodes(&mut self, common: &[u16]) {
        let mut kept: Nodes = 0;
        for (Location { messages, .. }, &oldest) in self.locations.iter().zip(common) {
            for message in &messages[usize::from(oldest) + 1..] {
                kept |= message.node.map_or(0, |node| 1 << node);
            }
        }
        for (number, node) in self.nodes.iter().enumerate() {
            if let Some(seen) = &node.seen {
                let mut accessed = seen.accessed.iter().zip(common);
                let mut written = seen.written.iter().zip(common);
                if accessed.any(|(one, all)| one > all) || written.any(|(one, all)| one > all) {
                    kept |= 1 << number;
                }
            }
        }
        let targets = kept;
        kept = members(kept).fold(kept, |all, node| all | self.nodes[node].after);
        self.keep_nodes(kept);
        let number = |node: usize| (kept & ((1 << node) - 1)).count_ones() as usize;
        let mut targets = members(targets).fold(0, |all, node| all | 1 << number(node));
        while let Some(node) = self.dominated(targets) {
            self.keep_nodes(!(1 << node));
            let before: Nodes = (1 << node) - 1;
            targets = targets & before | targets >> 1 & !before;
        }
    }

    /// A node that nothing new can lead to, and that another stands for: what leads
    /// there leads to the other, and wherever it is known to have come before the
    /// other is too.
    fn dominated(&mut self, targets: Nodes) -> Option<usize> {
        let count = self.nodes.len();
        let all = if count == MOST_NODES {
            Nodes::MAX
        } else {
            (1 << count) - 1
        };
        // By node, those that may stand for it.
        let mut others = vec![0; count];
        for node in members(all & !targets) {
            let reached = |other: usize| {
                let mut targets = members(targets);
                targets.all(|target| {
                    let after = self.nodes[target].after;
                    after >> node & 1 == 0 || target == other || after >> other & 1 != 0
                })
            };
            let alike = |other: usize| {
                let (one, other) = (&self.nodes[node], &self.nodes[other]);
                one.location == other.location && one.seen.is_some() == other.seen.is_some()
            };
            let fit = members(all).filter(|&other| other != node && alike(other) && reached(other));
            others[node] = fit.fold(0, |all, other| all | 1 << other);
        }
        if others.iter().all(|&others| others == 0) {
            return None;
        }
        let mut check = |set: Nodes| {
            for node in members(set) {
                others[node] &= set;
            }
        };
        self.each_seen(&mut |seen| seen.each_set(&mut |set| check(*set)));
        for thread in &self.threads {
            // Whoever stays is among these, and so is who stands for it: that one stays
            // too, or has left.
            check(thread.own);
            check(thread.left_elsewhere);
        }
        for location in &self.locations {
            for message in &location.messages {
                check(message.writer);
                check(message.readers);
            }
        }
        (0..count).rev().find(|&node| others[node] != 0)
    }

    /// Forgets all other nodes.
    fn keep_nodes(&mut self, kept: Nodes) {
        let count = self.nodes.len();
        let all = if count == MOST_NODES {
            Nodes::MAX
        } else {
            (1 << count) - 1
        };
        let kept = kept & all;
        if kept.count_ones() as usize == self.nodes.len() {
            return;
        }
        let number = |node: usize| (kept & ((1 << node) - 1)).count_ones() as usize;
        self.each_set(&mut |set| {
            *set = members(*set & kept).fold(0, |all, node| all | 1 << number(node));
        });
        for location in &mut self.locations {
            for message in &mut location.messages {
                let node = message.node.filter(|node| kept >> node & 1 != 0);
                message.node = node.map(number);
            }
        }
        let mut place = 0;
        self.nodes.retain(|_| {
            place += 1;
            kept >> (place - 1) & 1 != 0
        });
    }

    /// Returns by location how many messages are gone.
    fn forget_messages(&mut self, common: &[u16]) -> Vec<u16> {
        let mut dropped = Vec::with_capacity(common.len());
        for (Location { messages, .. }, &oldest) in self.locations.iter_mut().zip(common) {
            let old = messages[..usize::from(oldest)].iter();
            let gone = old.take_while(|message| message.writer | message.readers == 0);
            let gone = gone.count();
            messages.drain(..gone);
            dropped.push(short(gone));
        }
        if dropped.iter().any(|&gone| gone > 0) {
            self.each_seen(&mut |seen| {
                for view in [&mut seen.accessed, &mut seen.written] {
                    for (place, &gone) in view.iter_mut().zip(&dropped) {
                        *place = place.saturating_sub(gone);
                    }
                }
            });
        }
        dropped
    }

    /// Which fences came before an access there is known without it, too: whoever has
    /// seen the access has seen those.
    fn forget_locations(&mut self, mut common: Vec<u16>) {
        for location in (0..self.locations.len()).rev() {
            let [message] = self.locations[location].messages.as_slice() else {
                continue;
            };
            if message.node.is_some()
                || message.writer | message.readers != 0
                || !message.released.is_nothing(&common)
            {
                continue;
            }
            self.remove_location(location);
            common.remove(location);
        }
    }

    /// Bytes that it takes, roughly.
    pub(crate) fn size(&self) -> usize {
        let messages = self
            .locations
            .iter()
            .map(|location| location.messages.len());
        let seen = messages.sum::<usize>()
            + 3 * self.threads.len()
            + self.ended.len()
            + self.objects.len()
            + self
                .channels
                .iter()
                .map(|one| one.messages.len() + one.rooms.len())
                .sum::<usize>()
            + self.nodes.len();
        let per_seen = size_of::<Message>() + 12 * self.locations.len() + 64;
        seen * per_seen + size_of::<WeakMemory>()
    }

    /// Adds what tells it from others.
    pub(crate) fn write_name(&self, bytes: &mut Vec<u8>) {
        let number = |bytes: &mut Vec<u8>, number: usize| {
            bytes.extend_from_slice(&(number as u64).to_le_bytes());
        };
        number(bytes, self.locations.len());
        for location in &self.locations {
            number(bytes, location.address);
            number(bytes, location.messages.len());
            for message in &location.messages {
                bytes.extend_from_slice(&message.value.to_le_bytes());
                message.released.write_name(bytes);
                bytes.push(message.glued.into());
                number(bytes, message.node.unwrap_or(usize::MAX));
                bytes.extend_from_slice(&message.writer.to_le_bytes());
                bytes.extend_from_slice(&message.readers.to_le_bytes());
            }
        }
        number(bytes, self.threads.len());
        for thread in &self.threads {
            bytes.extend_from_slice(&thread.slot.to_le_bytes());
            for seen in [&thread.now, &thread.acquired, &thread.fenced] {
                seen.write_name(bytes);
            }
            for nodes in [thread.own, thread.staying, thread.left_elsewhere] {
                bytes.extend_from_slice(&nodes.to_le_bytes());
            }
            number(bytes, thread.location.unwrap_or(usize::MAX));
        }
        for list in [self.ended.len(), self.objects.len(), self.channels.len()] {
            number(bytes, list);
        }
        for channel in &self.channels {
            number(bytes, channel.address);
            for list in [&channel.messages, &channel.rooms] {
                number(bytes, list.len());
                for seen in list {
                    seen.write_name(bytes);
                }
            }
        }
        number(bytes, self.nodes.len());
        for (slot, seen) in &self.ended {
            bytes.extend_from_slice(&slot.to_le_bytes());
            seen.write_name(bytes);
        }
        for (object, seen) in &self.objects {
            number(bytes, object.0);
            bytes.push(object.1);
            seen.write_name(bytes);
        }
        for node in &self.nodes {
            bytes.extend_from_slice(&node.thread.to_le_bytes());
            bytes.extend_from_slice(&node.after.to_le_bytes());
            number(bytes, node.location.unwrap_or(usize::MAX));
            bytes.push(node.seen.is_some().into());
            if let Some(seen) = &node.seen {
                seen.write_name(bytes);
            }
        }
    }
}
