//! Threads that are alike: of what they may do next, one thread's is enough.
//!
//! Two threads are *alike* in a state if exchanging them gives the same state. All that
//! a program knows lies in its memory, so that is looked up there: from the stacks and
//! heaps of the two, word by word, side by side. Two words that differ must point to the
//! same place in what is the one's and what is the other's: in their own stacks and
//! heaps, or in two blocks of another heap (a thread's packet lies in its parent's),
//! which are then compared likewise. And nothing else may point to any of that: a handle
//! that somebody has tells its thread from the others. Who does something to an object
//! that both point to is alike; who has got its number is not.
//!
//! What follows from a state then follows from the exchanged one too, with the two
//! exchanged, and prints the same: a thread's number is refined to before it is shown.
//! So it is enough if, of threads that are alike, the first does something, and, where
//! two meet, the first two. That holds as long as a program doesn't compare addresses
//! or compute with them otherwise, which isn't modelled: addresses here are always the
//! same.
//!
//! It holds for what is printed, and how it ends. Who is treated fairly can't be asked
//! of a graph in which some have been left out, so this is only for programs that don't
//! go round.

use super::parking::Token;
use super::threads::{SinceYield, Thread};
use super::{Alternative, Machine};
use crate::memory;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// The size of a pointer.
const WORD: usize = size_of::<usize>();

/// The threads of a state that are alike: classes of two and more, each in order.
pub(crate) type Classes = Vec<Vec<u16>>;

/// Whether the alternative is the one of those that differ only in which of threads
/// that are alike take part.
pub(crate) fn stands_for_all(alternative: Alternative, classes: &[Vec<u16>]) -> bool {
    let step = alternative.step();
    let (one, other) = step.threads();
    let class_of = |slot: u16| classes.iter().find(|class| class.contains(&slot));
    let first = |slot: u16| class_of(slot).is_none_or(|class| class[0] == slot);
    let second = |slot: u16, met: u16| match class_of(slot) {
        Some(class) if class.contains(&met) => class[1] == slot,
        _ => first(slot),
    };
    one.is_none_or(|&one| first(one) && other.is_none_or(|&other| second(other, one)))
}

/// What threads that are alike have in common, so that few have to be compared.
#[derive(PartialEq, Eq, Hash)]
struct Signature {
    /// Whether it lies in the thread's own memory, and where.
    operation: (bool, usize),
    /// How much of its stack and of its heap is in use.
    in_use: [usize; 2],
    /// The time until its waiting is over.
    left: Option<Duration>,
    has_birth: bool,
    arrived: bool,
    polite: bool,
    since: SinceYield,
    children: u32,
    panicking: u32,
    dropping: u32,
    token: Token,
    /// The size of its stack.
    stack: usize,
    /// Of the words on its stack that are no pointers.
    words: u64,
}

/// Where what is pointed to lies, and how often it is pointed to.
struct Pointed {
    /// By slot.
    slots: Vec<u32>,
    /// By slot, the blocks of its heap, in order.
    blocks: Vec<Vec<Block>>,
}

struct Block {
    range: Range<usize>,
    times: u32,
}

impl Pointed {
    /// The block in which an address lies, by its slot and its number there.
    fn block(&self, slot: usize, address: usize) -> Option<(usize, usize)> {
        let blocks = self.blocks.get(slot)?;
        let behind = blocks.partition_point(|block| block.range.start <= address);
        let number = behind.checked_sub(1)?;
        blocks[number]
            .range
            .contains(&address)
            .then_some((slot, number))
    }

    fn count(&mut self, word: usize) {
        let Some(slot) = memory::slot_of(word) else {
            return;
        };
        if let Some(times) = self.slots.get_mut(slot) {
            *times += 1;
        }
        if let Some((slot, number)) = self.block(slot, word) {
            self.blocks[slot][number].times += 1;
        }
    }
}

/// The words of a range of memory.
///
/// # Safety
/// It must be readable, and nobody may be writing to it.
unsafe fn words(range: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let start = range.start.next_multiple_of(WORD);
    let addresses = (start..range.end.saturating_sub(WORD - 1)).step_by(WORD);
    // SAFETY: the caller's, and it is aligned.
    addresses.map(|address| (address, unsafe { *(address as *const usize) }))
}

fn stack(thread: &Thread) -> Range<usize> {
    thread.fibre.stack_pointer()..memory::stack_base(thread.slot.into())
}

fn heap(slot: usize) -> Range<usize> {
    let (start, length) = memory::heap_in_use(slot);
    start..start + length
}

impl Machine {
    /// Which threads are alike, where that is to be told.
    pub(crate) fn alike(&self) -> Classes {
        // What each has seen of the others' stores isn't compared.
        if self.world.weak.is_some() {
            return Classes::new();
        }
        let mut same: HashMap<Signature, Vec<&Thread>> = HashMap::new();
        let mut buffer = Vec::new();
        for thread in &self.world.threads {
            if let Some(signature) = self.signature(thread, &mut buffer) {
                same.entry(signature).or_default().push(thread);
            }
        }
        same.retain(|_, threads| threads.len() > 1);
        if same.is_empty() {
            return Classes::new();
        }
        let pointed = self.pointed();
        let mut classes = Classes::new();
        for threads in same.into_values() {
            let mut found: Vec<Vec<&Thread>> = Vec::new();
            for thread in threads {
                let fits = |class: &&mut Vec<&Thread>| {
                    let mut exchange = Exchange::new(&pointed, class[0].slot, thread.slot);
                    exchange.is_possible(class[0], thread)
                };
                match found.iter_mut().find(fits) {
                    Some(class) => class.push(thread),
                    None => found.push(vec![thread]),
                }
            }
            let several = found.into_iter().filter(|class| class.len() > 1);
            classes.extend(several.map(|class| class.iter().map(|thread| thread.slot).collect()));
        }
        classes.sort_unstable();
        classes
    }

    /// `None` for a thread that is like no other.
    fn signature(&self, thread: &Thread, buffer: &mut Vec<u8>) -> Option<Signature> {
        let is_apart = self.world.exiting == Some(thread.slot)
            || self.world.noting == Some(thread.slot)
            || self
                .world
                .held
                .iter()
                .flatten()
                .any(|held| held.thread == thread.slot)
            || thread.message.is_some()
            || thread.printing.is_some();
        if is_apart {
            return None;
        }
        let own: usize = thread.slot.into();
        let within = |address: usize| match memory::slot_of(address) == Some(own) {
            true => (true, address - memory::slot_base(own)),
            false => (false, address),
        };
        let stack = stack(thread);
        buffer.clear();
        // SAFETY: the program is stopped.
        for (address, word) in unsafe { words(stack.clone()) } {
            let is_link = address == thread.yielder as usize;
            let word = if is_link || memory::contains(word) {
                0
            } else {
                word
            };
            buffer.extend_from_slice(&word.to_ne_bytes());
        }
        Some(Signature {
            operation: within(thread.operation as usize),
            in_use: [stack.len(), heap(own).len()],
            left: thread.deadline.map(|at| at.saturating_sub(self.world.now)),
            has_birth: !thread.birth.is_null(),
            arrived: thread.arrived,
            polite: thread.polite,
            since: thread.since,
            children: thread.children,
            panicking: thread.panicking,
            dropping: thread.dropping,
            token: thread.token,
            stack: thread.stack,
            words: xxh3_64(buffer),
        })
    }

    /// What is pointed to by whatever the program, or the engine for it, keeps.
    fn pointed(&self) -> Pointed {
        let slots = self.slots.len();
        let blocks = (0..slots).map(|slot| {
            let blocks = memory::blocks(slot).into_iter();
            let block = |(start, end)| Block {
                range: start..end,
                times: 0,
            };
            blocks.map(block).collect()
        });
        let mut pointed = Pointed {
            slots: vec![0; slots],
            blocks: blocks.collect(),
        };
        for thread in &self.world.threads {
            // SAFETY: the program is stopped.
            for (address, word) in unsafe { words(stack(thread)) } {
                // The link to the engine's own stack.
                if address != thread.yielder as usize {
                    pointed.count(word);
                }
            }
            pointed.count(thread.birth as usize);
        }
        for slot in 0..slots {
            // SAFETY: as above.
            for (_, word) in unsafe { words(heap(slot)) } {
                pointed.count(word);
            }
        }
        for item in &self.statics {
            let range = item.address..item.address + item.initial.len();
            // SAFETY: it was registered by its owner.
            for (_, word) in unsafe { words(range) } {
                pointed.count(word);
            }
        }
        for &timer in self.world.timers.keys() {
            pointed.count(timer);
        }
        pointed
    }
}

/// Two threads, and what is exchanged with them.
struct Exchange<'p> {
    pointed: &'p Pointed,
    /// The slots of the two, and how often a pointer to them was come across.
    slots: [(usize, u32); 2],
    /// By a block's slot and number, for whose sake it is exchanged with which, and how
    /// often a pointer to it was come across.
    blocks: HashMap<(usize, usize), Exchanged>,
    /// The ranges that are still to be compared: where they start, and their size.
    open: Vec<([usize; 2], usize)>,
}

struct Exchanged {
    with: (usize, usize),
    times: u32,
}

impl<'p> Exchange<'p> {
    fn new(pointed: &'p Pointed, one: u16, other: u16) -> Exchange<'p> {
        Exchange {
            pointed,
            slots: [one, other].map(|slot| (slot.into(), 0)),
            blocks: HashMap::new(),
            open: Vec::new(),
        }
    }

    /// Whether it gives the same state.
    fn is_possible(&mut self, one: &Thread, other: &Thread) -> bool {
        let stacks = [stack(one), stack(other)];
        let heaps = self.slots.map(|(slot, _)| heap(slot));
        // They are of one size: the threads have the same signature.
        for [one, other] in [stacks, heaps] {
            self.open.push(([one.start, other.start], one.len()));
        }
        // The links to the engine's own stack.
        let links = [one, other].map(|thread| thread.yielder as usize);
        if !self.fits(one.birth as usize, other.birth as usize) {
            return false;
        }
        while let Some((starts, size)) = self.open.pop() {
            for offset in (0..size).step_by(WORD) {
                let addresses = starts.map(|start| start + offset);
                // SAFETY: within stacks, heaps or blocks, which are whole words.
                let [one, other] = addresses.map(|address| unsafe { *(address as *const usize) });
                if addresses != links && !self.fits(one, other) {
                    return false;
                }
            }
        }
        let known = self.pointed;
        let no_other = |&(slot, times): &(usize, u32)| known.slots[slot] == times;
        let nobody_else = |(&(slot, number), block): (&(usize, usize), &Exchanged)| {
            known.blocks[slot][number].times == block.times
        };
        self.slots.iter().all(no_other) && self.blocks.iter().all(nobody_else)
    }

    /// Whether the other is what the one becomes, as far as that is known yet.
    fn fits(&mut self, one: usize, other: usize) -> bool {
        let (Some(slot), Some(other_slot)) = (memory::slot_of(one), memory::slot_of(other)) else {
            return one == other;
        };
        let own = |slot| self.slots.iter().position(|(own, _)| *own == slot);
        match (own(slot), own(other_slot)) {
            (None, None) => {}
            (Some(index), Some(other_index)) if index != other_index => {
                self.slots[index].1 += 1;
                self.slots[other_index].1 += 1;
                return one - memory::slot_base(slot) == other - memory::slot_base(other_slot);
            }
            _ => return false,
        }
        // If it is exchanged all the same, this pointer to it is one too many.
        if one == other {
            return true;
        }
        let known = self.pointed;
        let blocks = (known.block(slot, one), known.block(other_slot, other));
        let (Some(block), Some(other_block)) = blocks else {
            return false;
        };
        let range = |(slot, number): (usize, usize)| known.blocks[slot][number].range.clone();
        let (here, there) = (range(block), range(other_block));
        if here.len() != there.len() || one - here.start != other - there.start {
            return false;
        }
        if !self.blocks.contains_key(&block) && !self.blocks.contains_key(&other_block) {
            for (block, with) in [(block, other_block), (other_block, block)] {
                self.blocks.insert(block, Exchanged { with, times: 0 });
            }
            self.open.push(([here.start, there.start], here.len()));
        }
        for (block, with) in [(block, other_block), (other_block, block)] {
            match self.blocks.get_mut(&block) {
                Some(exchanged) if exchanged.with == with => exchanged.times += 1,
                _ => return false,
            }
        }
        true
    }
}
