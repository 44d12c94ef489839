//! Pictures of states: taking them, naming them, and going back to them.

use super::refinements::Refinement;
use super::threads::Thread;
use super::weak::forget_freed;
use super::{Machine, World};
use crate::memory;
use crate::weak_memory::WeakMemory;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_128;

/// A state of the program, to come back to.
pub(crate) struct Snapshot {
    pub(super) world: World,
    /// Per slot, how much of its heap is in use.
    pub(super) heaps: Vec<usize>,
    /// How many ranges outside the region were known.
    pub(super) statics: usize,
    /// Heaps by slot, then stacks by thread, then statics, then where the heaps'
    /// blocks start.
    pub(super) bytes: Vec<u8>,
}

impl Snapshot {
    /// Its memory, to be used again.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes of memory that it takes, roughly.
    pub(crate) fn size(&self) -> usize {
        self.bytes.capacity()
            + self.heaps.capacity() * size_of::<usize>()
            + self.world.threads.capacity() * size_of::<Thread>()
            + self.world.weak.as_deref().map_or(0, WeakMemory::size)
            + size_of::<Snapshot>()
    }
}

/// Memory of the program that is not in the region: an object in a `static`.
pub(super) struct Static {
    pub(super) address: usize,
    pub(super) initial: Vec<u8>,
}

impl Static {
    fn end(&self) -> usize {
        self.address + self.initial.len()
    }
}

/// Zeroes a stack from a stack pointer up, and what is left below.
pub(super) fn zero_stack(slot: usize, stack_pointer: usize) {
    let base = memory::stack_base(slot);
    if stack_pointer > memory::stack_limit(slot) {
        zero_stack_part(slot, stack_pointer);
    }
    memory::clear_stack_below(slot, base);
}

fn zero_stack_part(slot: usize, stack_pointer: usize) {
    let base = memory::stack_base(slot);
    // SAFETY: the thread is stopped, and gone or about to be put back.
    unsafe { memory::zero(stack_pointer, base - stack_pointer) };
}

impl Machine {
    /// Remembers the objects outside the region that a thread is about to
    /// touch, while they are untouched.
    pub(super) fn register_statics(&mut self, index: usize) {
        let operation = self.world.threads[index].operation;
        // SAFETY: the thread is suspended at it.
        for case in unsafe { (*operation).cases } {
            let Some(object) = case.object else { continue };
            let address = object.address as usize;
            let end = address + object.size;
            let is_known = |item: &Static| item.address <= address && end <= item.end();
            if object.size == 0 || memory::contains(address) || self.statics.iter().any(is_known) {
                continue;
            }
            let mut initial = Vec::new();
            // SAFETY: the look-alike has just named it as its own.
            unsafe { memory::read(address, object.size, &mut initial) };
            // What lies within, and was known before, may have changed since.
            for item in &self.statics {
                if address <= item.address && item.end() <= end {
                    let start = item.address - address;
                    initial[start..start + item.initial.len()].copy_from_slice(&item.initial);
                }
            }
            self.statics.push(Static { address, initial });
        }
    }

    /// Takes a picture of the current state, and its name: equal names mean
    /// equal states.
    pub(crate) fn snapshot(&self, mut bytes: Vec<u8>) -> (Snapshot, u128) {
        bytes.clear();
        let mut heaps = Vec::with_capacity(self.slots.len());
        for slot in 0..self.slots.len() {
            let (start, length) = memory::heap_in_use(slot);
            heaps.push(length);
            // SAFETY: the program is stopped.
            unsafe { memory::read(start, length, &mut bytes) };
        }
        for thread in &self.world.threads {
            let start = thread.fibre.stack_pointer();
            let base = memory::stack_base(thread.slot.into());
            // SAFETY: as above.
            unsafe { memory::read(start, base - start, &mut bytes) };
            // The link to the engine's own stack is rewritten on resuming.
            let link = bytes.len() - (base - thread.yielder as usize);
            bytes[link..link + size_of::<usize>()].fill(0);
        }
        let picture = bytes.len();
        self.write_name(&heaps, &mut bytes);
        let name = xxh3_128(&bytes);
        bytes.truncate(picture);
        for item in &self.statics {
            // SAFETY: it was registered by its owner.
            unsafe { memory::read(item.address, item.initial.len(), &mut bytes) };
        }
        for (slot, &length) in heaps.iter().enumerate() {
            let (start, length) = memory::starts(slot, length);
            // SAFETY: as above.
            unsafe { memory::read(start, length, &mut bytes) };
        }
        let snapshot = Snapshot {
            world: self.world.clone(),
            heaps,
            statics: self.statics.len(),
            bytes,
        };
        (snapshot, name)
    }

    /// Adds to a picture what else tells states apart. A static that is as it
    /// was counts as one that was never touched.
    fn write_name(&self, heaps: &[usize], bytes: &mut Vec<u8>) {
        for (index, item) in self.statics.iter().enumerate() {
            let start = bytes.len();
            // SAFETY: it was registered by its owner.
            unsafe { memory::read(item.address, item.initial.len(), bytes) };
            if bytes[start..] == item.initial {
                bytes.truncate(start);
            } else {
                bytes.extend_from_slice(&index.to_le_bytes());
            }
        }
        let mut add = |value: u64| bytes.extend_from_slice(&value.to_le_bytes());
        for (slot, &length) in heaps.iter().enumerate() {
            if length > 0 {
                add(slot as u64);
                add(length as u64);
            }
        }
        for thread in &self.world.threads {
            add(thread.slot.into());
            add(thread.fibre.stack_pointer() as u64);
            add(thread.operation as u64);
            add(thread.birth as u64);
            let left = thread.deadline.map(|at| at.saturating_sub(self.world.now));
            let left = left.unwrap_or(Duration::MAX);
            add(left.as_secs());
            add(left.subsec_nanos().into());
            add(u64::from(thread.arrived)
                | u64::from(thread.polite) << 1
                | (thread.token as u64) << 2
                | u64::from(thread.dropping) << 32);
            add(u64::from(thread.children) | u64::from(thread.panicking) << 32);
            add(thread
                .message
                .as_ref()
                .map_or(0, |text| xxhash_rust::xxh3::xxh3_64(text.as_bytes())));
        }
        // Who can't read the clock can't tell how late it is.
        let start = if self.is_refined(Refinement::Time) {
            add(self.world.now.as_secs());
            add(self.world.now.subsec_nanos().into());
            Duration::ZERO
        } else {
            self.world.now
        };
        add(self.world.timers.len() as u64);
        for (&address, due) in &self.world.timers {
            add(address as u64);
            let left = due.saturating_sub(start);
            add(left.as_secs());
            add(left.subsec_nanos().into());
        }
        if self.is_refined(Refinement::Numbers) {
            add(self.world.started.into());
        }
        add(u64::from(self.world.unbuffered));
        add(u64::from(self.world.noted));
        add(self.world.noting.map_or(u64::MAX, u64::from));
        add(self.world.exiting.map_or(u64::MAX, u64::from));
        for held in self.world.held {
            add(held.map_or(u64::MAX, |held| {
                u64::from(held.thread) << 32 | u64::from(held.times)
            }));
        }
        bytes.extend_from_slice(self.world.pending.as_bytes());
        if let Some(weak) = &self.world.weak {
            weak.write_name(bytes);
        }
    }

    /// Puts the program back into a state.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        forget_freed();
        let mut rest = snapshot.bytes.as_slice();
        let mut take = |length: usize| {
            let (taken, behind) = rest.split_at(length);
            rest = behind;
            taken
        };
        for slot in 0..self.slots.len() {
            let (start, length) = memory::heap_in_use(slot);
            let wanted = snapshot.heaps.get(slot).copied().unwrap_or(0);
            // SAFETY: the program is stopped, and its threads are put back
            // together with their memory.
            unsafe {
                if length > wanted {
                    memory::zero(start + wanted, length - wanted);
                    let (start, length) = memory::starts(slot, length);
                    memory::zero(start, length);
                }
                memory::write(start, take(wanted));
            }
        }
        for thread in &self.world.threads {
            let old = thread.fibre.stack_pointer();
            zero_stack_part(thread.slot.into(), old);
        }
        for thread in &snapshot.world.threads {
            memory::open_stack(thread.slot.into(), thread.stack);
            let start = thread.fibre.stack_pointer();
            let base = memory::stack_base(thread.slot.into());
            // SAFETY: as above.
            unsafe { memory::write(start, take(base - start)) };
        }
        // Those that were not known then come first: an earlier one may lie
        // within.
        let (known, unknown) = self.statics.split_at(snapshot.statics);
        for item in unknown {
            // SAFETY: it was registered by its owner.
            unsafe { memory::write(item.address, &item.initial) };
        }
        for item in known {
            // SAFETY: as above.
            unsafe { memory::write(item.address, take(item.initial.len())) };
        }
        for (slot, &length) in snapshot.heaps.iter().enumerate() {
            let (start, length) = memory::starts(slot, length);
            // SAFETY: as above.
            unsafe { memory::write(start, take(length)) };
        }
        self.world.clone_from(&snapshot.world);
        self.match_panics();
    }
}
