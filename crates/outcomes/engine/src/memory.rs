//! The memory of a modelled program: a stack and a heap for each of its
//! threads, at addresses that stay the same however often the program is
//! started.
//!
//! A state of the program *is* the bytes in here, so everything in here is
//! kept canonical: freed memory is zero, a heap's free list is determined by
//! which blocks are in use, and a thread's blocks lie where its own history
//! put them, whatever other threads did in between.
//!
//! Beside a heap lies where its blocks start, for who asks what a pointer leads to.
//! That follows from what was asked for and given back, and decides nothing, so it is
//! no part of a state's name.
//!
//! The heaps are served by this crate's global allocator, which counts what
//! everything else allocates, so that a limit on memory can be kept.

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads a modelled program may start, main included.
pub const MAX_THREADS: usize = 1024;

/// Address space for the stack of a modelled thread, guard included. It is
/// opened as far as the thread's own stack goes, at the upper end.
const STACK_ROOM: usize = 64 << 20;

/// How large a stack can be.
pub(crate) const LARGEST_STACK: usize = STACK_ROOM - GUARD_SIZE;

/// What is never made accessible below a slot's stack.
const GUARD_SIZE: usize = LARGEST_PAGE;

/// Of the machines there are, whose pages have 4, 16 or 64 KiB. All of a slot
/// is a whole number of them.
const LARGEST_PAGE: usize = 64 << 10;

/// What stacks are rounded up to where pages are no larger, so that a program
/// has the same stacks on most machines.
const USUAL_ROUNDING: usize = 16 << 10;

const _: () = assert!(STACK_ROOM.is_multiple_of(LARGEST_PAGE));
const _: () = assert!(HEAP_ROOM.is_multiple_of(LARGEST_PAGE));

/// Address space for the heap of a modelled thread.
const HEAP_ROOM: usize = 15 << 19;

/// Address space for where the blocks of a heap start: a bit for each unit.
const STARTS_ROOM: usize = LARGEST_PAGE;

/// How many units a byte of that tells of.
const UNITS_OF_BYTE: usize = u8::BITS as usize;

const _: () = assert!(HEAP_ROOM / UNIT / UNITS_OF_BYTE <= STARTS_ROOM);

/// Address space of one thread.
const SLOT_SIZE: usize = STACK_ROOM + HEAP_ROOM + STARTS_ROOM;

/// The program's slots, and those for the engine's own coroutines.
const SLOTS: usize = MAX_THREADS + 2;

/// A slot that no thread of the program has, for what is soon over.
pub(crate) const SCRATCH: usize = MAX_THREADS;

/// Another one, for what waits until it is needed.
pub(crate) const WAITING: usize = MAX_THREADS + 1;

/// Smallest unit of a heap, big enough for a [`Free`].
const UNIT: usize = 16;

/// Where the region starts; 0 until it is reserved, which is for good.
static REGION: AtomicUsize = AtomicUsize::new(0);

/// How much of each slot's stack is usable.
static STACKS: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];

/// Bytes that are allocated outside the region.
static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

/// [`HEAP`] when allocations go to the system.
const NO_HEAP: usize = usize::MAX;

thread_local! {
    /// The slot whose heap serves allocations of this OS thread.
    static HEAP: Cell<usize> = const { Cell::new(NO_HEAP) };
}

/// Bytes that the process has allocated outside modelled programs.
pub(crate) fn allocated() -> usize {
    ELSEWHERE.load(Ordering::Relaxed)
}

/// Runs `run` with allocations served by the heap of `slot`.
pub(crate) fn enter(slot: usize) -> Entered {
    Entered {
        before: HEAP.replace(slot),
    }
}

/// Lets allocations go to the system until the result is dropped: for what
/// the engine keeps while a modelled thread is calling it.
pub(crate) fn leave() -> Entered {
    enter(NO_HEAP)
}

/// Undoes [`enter`] or [`leave`] when dropped.
pub(crate) struct Entered {
    before: usize,
}

impl Drop for Entered {
    fn drop(&mut self) {
        HEAP.set(self.before);
    }
}

/// Reserves the region, once for the process. It takes address space, and
/// memory only where it is used.
///
/// # Panics
/// If the address space can't be had.
pub(crate) fn reserve() {
    if REGION.load(Ordering::Acquire) != 0 {
        return;
    }
    let size = SLOTS * SLOT_SIZE;
    // SAFETY: a fresh mapping at an address of the kernel's choice touches
    // nothing that exists.
    let base = unsafe {
        rustix::mm::mmap_anonymous(
            ptr::null_mut(),
            size,
            ProtFlags::empty(),
            MapFlags::PRIVATE | MapFlags::NORESERVE,
        )
    };
    let base = base.expect("address space for the modelled program's memory") as usize;
    if REGION
        .compare_exchange(0, base, Ordering::AcqRel, Ordering::Acquire)
        .is_err()
    {
        // SAFETY: another thread was faster; nobody has seen this mapping.
        let _ = unsafe { rustix::mm::munmap(base as *mut _, size) };
    }
}

/// Makes a slot's heap usable. To be called once a slot.
pub(crate) fn open(slot: usize) {
    protect(stack_base(slot), HEAP_ROOM + STARTS_ROOM, true);
}

/// Makes a slot's stack usable as far as a stack of this size goes, and no
/// further. Nobody may be using it.
pub(crate) fn open_stack(slot: usize, size: usize) {
    let page = rustix::param::page_size().max(USUAL_ROUNDING);
    let size = round_up(size, page).min(LARGEST_STACK);
    let before = STACKS[slot].swap(size, Ordering::Relaxed);
    let base = stack_base(slot);
    if before < size {
        protect(base - size, size - before, true);
    } else if size < before {
        protect(base - before, before - size, false);
    }
}

/// Gives or takes access to a part of the region.
fn protect(start: usize, length: usize, access: bool) {
    let flags = if access {
        MprotectFlags::READ | MprotectFlags::WRITE
    } else {
        MprotectFlags::empty()
    };
    // SAFETY: the range lies in the region, which is ours, and nothing in it
    // is in use.
    let done = unsafe { rustix::mm::mprotect(start as *mut _, length, flags) };
    done.expect("memory for a modelled thread");
}

/// Whether allocations are served by the heap of a slot, whose thread then runs,
/// and is not within the engine.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) fn is_served(slot: usize) -> bool {
    HEAP.get() == slot
}

/// Whether the address lies in what is kept free below a slot's stack.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) fn is_below_stack(slot: usize, address: usize) -> bool {
    (slot_base(slot)..stack_bottom(slot)).contains(&address)
}

/// Whether the address lies in a modelled program's stacks or heaps.
pub(crate) fn contains(address: usize) -> bool {
    let base = REGION.load(Ordering::Relaxed);
    base != 0 && address.wrapping_sub(base) < SLOTS * SLOT_SIZE
}

/// Whether an address is of this program's code or constants, wherever they were
/// put: surely if it is, and else hardly ever.
pub(crate) fn is_executable(address: usize) -> bool {
    /// What no program's code and constants are larger than, in bytes.
    const LARGEST: usize = 64 << 20;
    /// Below, programs lie where they always lie, and numbers mean something else.
    const LOWEST: usize = 1 << 32;
    address >= LOWEST && address.abs_diff(&raw const REGION as usize) < LARGEST
}

/// The lowest address of a slot.
pub(crate) fn slot_base(slot: usize) -> usize {
    REGION.load(Ordering::Relaxed) + slot * SLOT_SIZE
}

/// The lowest address of a slot's stack, its guard included.
pub(crate) fn stack_limit(slot: usize) -> usize {
    slot_base(slot)
}

/// The lowest address of a slot's stack that is usable.
pub(crate) fn stack_bottom(slot: usize) -> usize {
    stack_base(slot) - STACKS[slot].load(Ordering::Relaxed)
}

/// Just above the highest address of a slot's stack.
pub(crate) fn stack_base(slot: usize) -> usize {
    slot_base(slot) + STACK_ROOM
}

fn heap(slot: usize) -> *mut Heap {
    stack_base(slot) as *mut Heap
}

/// The part of a slot's heap that isn't zero: its address and length.
pub(crate) fn heap_in_use(slot: usize) -> (usize, usize) {
    let heap = heap(slot);
    // SAFETY: the slot is open, and zeroes are a valid empty `Heap`.
    let extent = unsafe { (*heap).extent };
    (heap as usize, extent)
}

/// Where it is kept at which of the first bytes of a slot's heap blocks start: its
/// address and length. Behind that it is zero as long as no block lies there.
pub(crate) fn starts(slot: usize, heap_in_use: usize) -> (usize, usize) {
    let address = stack_base(slot) + HEAP_ROOM;
    (address, heap_in_use.div_ceil(UNIT * UNITS_OF_BYTE))
}

/// Notes that a block starts there, or does so no longer.
///
/// # Safety
/// It must lie in the heap of that slot, which is open.
unsafe fn note_start(slot: usize, block: usize, is_start: bool) {
    let unit = (block - stack_base(slot)) / UNIT;
    let byte = (starts(slot, 0).0 + unit / UNITS_OF_BYTE) as *mut u8;
    let bit = 1 << (unit % UNITS_OF_BYTE);
    // SAFETY: the slot is open, and a unit for each bit lies in the heap.
    unsafe {
        if is_start {
            *byte |= bit;
        } else {
            *byte &= !bit;
        }
    }
}

/// The blocks of a slot's heap that are in use, from where to where, in order.
pub(crate) fn blocks(slot: usize) -> Vec<(usize, usize)> {
    let (start, length) = heap_in_use(slot);
    if length == 0 {
        return Vec::new();
    }
    let (noted, bytes) = starts(slot, length);
    let mut found: Vec<(usize, usize)> = Vec::new();
    // SAFETY: the slot is open, since its heap is in use, and nobody is using it.
    let noted = unsafe { std::slice::from_raw_parts(noted as *const u8, bytes) };
    for (index, &byte) in noted.iter().enumerate() {
        let mut left = byte;
        while left != 0 {
            let unit = index * UNITS_OF_BYTE + left.trailing_zeros() as usize;
            found.push((start + unit * UNIT, 0));
            left &= left - 1;
        }
    }
    // Each goes on to the next, or to what is free between.
    let nexts: Vec<usize> = found.iter().skip(1).map(|block| block.0).collect();
    let nexts = nexts.into_iter().chain([start + length]);
    // SAFETY: as above, and the list's blocks lie in the heap.
    let mut free = unsafe { (*heap(slot)).free };
    for (block, next) in found.iter_mut().zip(nexts) {
        while !free.is_null() && (free as usize) < block.0 {
            // SAFETY: as above.
            free = unsafe { (*free).next };
        }
        block.1 = if free.is_null() {
            next
        } else {
            next.min(free as usize)
        };
    }
    found
}

/// The slot in which an address lies, if it is one of a modelled program's.
pub(crate) fn slot_of(address: usize) -> Option<usize> {
    let base = REGION.load(Ordering::Relaxed);
    let within = address.wrapping_sub(base);
    (base != 0 && within < SLOTS * SLOT_SIZE).then_some(within / SLOT_SIZE)
}

/// Zeroes what was used of a stack below its stack pointer.
///
/// Frames deeper than a few kilobytes of untouched stack may be missed,
/// which can only make two equal states look different.
pub(crate) fn clear_stack_below(slot: usize, stack_pointer: usize) {
    const CHUNK: usize = 512;
    const ENOUGH: usize = 16;
    let bottom = stack_bottom(slot);
    let mut top = stack_pointer & !(size_of::<u64>() - 1);
    let mut clean = 0;
    while clean < ENOUGH && top > bottom {
        let low = top.saturating_sub(CHUNK).max(bottom);
        let words = (top - low) / size_of::<u64>();
        // SAFETY: within the slot's stack, below the stack pointer of a
        // suspended thread, so nothing refers to it.
        let chunk = unsafe { std::slice::from_raw_parts_mut(low as *mut u64, words) };
        if chunk.iter().fold(0, |all, word| all | word) == 0 {
            clean += 1;
        } else {
            chunk.fill(0);
            clean = 0;
        }
        top = low;
    }
}

/// Copies a range out of a modelled program's memory.
///
/// # Safety
/// The range must be readable, and nobody may be writing to it.
pub(crate) unsafe fn read(address: usize, length: usize, into: &mut Vec<u8>) {
    // SAFETY: the caller's.
    into.extend_from_slice(unsafe { std::slice::from_raw_parts(address as *const u8, length) });
}

/// Copies a range back.
///
/// # Safety
/// The range must be writable, and the program must be stopped: what its
/// threads believe of their memory becomes what the bytes say.
pub(crate) unsafe fn write(address: usize, bytes: &[u8]) {
    // SAFETY: the caller's.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
}

/// Zeroes a range.
///
/// # Safety
/// As for [`write`].
pub(crate) unsafe fn zero(address: usize, length: usize) {
    // SAFETY: the caller's.
    unsafe { ptr::write_bytes(address as *mut u8, 0, length) };
}

/// The head of a slot's heap, at its start. All zero when nothing is in use.
#[repr(C)]
struct Heap {
    /// Bytes from the heap's start to the end of its last block in use; 0
    /// for a heap that was never used.
    extent: usize,
    /// The first free block, or null.
    free: *mut Free,
}

/// A free block, written into itself. Blocks are ordered by address, and two
/// never touch.
#[repr(C)]
struct Free {
    size: usize,
    next: *mut Free,
}

fn round_up(value: usize, to: usize) -> usize {
    (value + to - 1) & !(to - 1)
}

/// First fit by address. Null when the heap is full.
///
/// # Safety
/// The slot must be open, and only one thread may be using its heap.
unsafe fn allocate(slot: usize, layout: Layout) -> *mut u8 {
    let heap = heap(slot);
    let size = round_up(layout.size().max(UNIT), UNIT);
    let align = layout.align().max(UNIT);
    // SAFETY: the list's blocks lie in the heap, are free, and are ours.
    unsafe {
        let mut link = &raw mut (*heap).free;
        while !(*link).is_null() {
            let block = *link;
            let end = block as usize + (*block).size;
            let start = round_up(block as usize, align);
            if start + size <= end {
                carve(link, start, size);
                note_start(slot, start, true);
                return start as *mut u8;
            }
            link = &raw mut (*block).next;
        }
        let used = (*heap).extent.max(size_of::<Heap>());
        let start = round_up(heap as usize + used, align);
        if start + size > heap as usize + HEAP_ROOM {
            return ptr::null_mut();
        }
        let gap = start - (heap as usize + used);
        if gap > 0 {
            let free = (heap as usize + used) as *mut Free;
            (*free).size = gap;
            *link = free;
        }
        (*heap).extent = start + size - heap as usize;
        note_start(slot, start, true);
        start as *mut u8
    }
}

/// Takes `size` bytes at `start` out of the free block behind `link`.
///
/// # Safety
/// They must lie in that block.
unsafe fn carve(link: *mut *mut Free, start: usize, size: usize) {
    // SAFETY: what remains of the block before and behind is free, and each a
    // whole number of units.
    unsafe {
        let block = *link;
        let Free {
            size: whole,
            mut next,
        } = ptr::read(block);
        let end = block as usize + whole;
        zero(block as usize, size_of::<Free>());
        if start + size < end {
            let behind = (start + size) as *mut Free;
            (*behind).size = end - (start + size);
            (*behind).next = next;
            next = behind;
        }
        if (block as usize) < start {
            (*block).size = start - block as usize;
            (*block).next = next;
            next = block;
        }
        *link = next;
    }
}

/// Gives a block back, zeroed, and joins it with free neighbours.
///
/// # Safety
/// The block must have come from [`allocate`] with that layout.
unsafe fn free(address: usize, layout: Layout) {
    let slot = (address - REGION.load(Ordering::Relaxed)) / SLOT_SIZE;
    let heap = heap(slot);
    let mut size = round_up(layout.size().max(UNIT), UNIT);
    let mut start = address;
    // SAFETY: the block is the caller's to give, and the list's blocks lie in
    // the heap.
    unsafe {
        zero(address, size);
        note_start(slot, address, false);
        let mut before: *mut *mut Free = &raw mut (*heap).free;
        let mut link = before;
        while !(*link).is_null() && (*link as usize) < address {
            before = link;
            link = &raw mut (**link).next;
        }
        let mut next = *link;
        if !next.is_null() && next as usize == address + size {
            size += (*next).size;
            let behind = (*next).next;
            zero(next as usize, size_of::<Free>());
            next = behind;
        }
        // `link` is either the head or the `next` of the block before ours.
        if link != &raw mut (*heap).free {
            let previous = *before;
            if previous as usize + (*previous).size == start {
                start = previous as usize;
                size += (*previous).size;
                zero(start, size_of::<Free>());
                link = before;
            }
        }
        if start + size == heap as usize + (*heap).extent {
            *link = ptr::null_mut();
            (*heap).extent = start - heap as usize;
            if (*heap).extent == size_of::<Heap>() {
                (*heap).extent = 0;
            }
            return;
        }
        let block = start as *mut Free;
        (*block).size = size;
        (*block).next = next;
        *link = block;
    }
}

/// Serves a modelled thread from its own heap, and everybody else from the
/// system.
struct Heaps;

#[global_allocator]
static HEAPS: Heaps = Heaps;

// SAFETY: blocks come from the system, or from `allocate`, which hands out
// each byte once until `free`; which of the two a block came from is told by
// its address.
unsafe impl GlobalAlloc for Heaps {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let slot = HEAP.get();
        if slot == NO_HEAP {
            ELSEWHERE.fetch_add(layout.size(), Ordering::Relaxed);
            // SAFETY: the caller's.
            return unsafe { System.alloc(layout) };
        }
        // SAFETY: the slot of a running thread is open, and one thread runs
        // at a time.
        let block = unsafe { allocate(slot, layout) };
        if block.is_null() {
            crate::machine::out_of_memory();
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if contains(block as usize) {
            crate::machine::freed(block as usize, layout.size());
            // SAFETY: only `allocate` hands out blocks in the region.
            return unsafe { free(block as usize, layout) };
        }
        ELSEWHERE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !contains(block as usize) {
            ELSEWHERE.fetch_add(size, Ordering::Relaxed);
            ELSEWHERE.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: the caller's.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: `size` is not zero, and rounded up to the alignment does
        // not overflow, which is the caller's promise.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the two blocks are distinct.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heap of its own, on the last slot but the scratch one.
    fn slot() -> usize {
        reserve();
        let slot = MAX_THREADS - 1;
        open(slot);
        slot
    }

    #[test]
    fn a_heap_is_canonical() {
        let slot = slot();
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        let sizes = [8, 40, 16, 100, 24, 16];
        // Whatever the order in which blocks are freed, what stays is the same.
        let orders = [
            [0, 1, 2, 3, 4],
            [4, 3, 2, 1, 0],
            [2, 0, 4, 1, 3],
            [1, 3, 0, 2, 4],
        ];
        let mut images = Vec::new();
        for order in orders {
            // SAFETY: the slot is this test's, and blocks are freed once.
            unsafe {
                let blocks = sizes.map(|size| allocate(slot, layout(size)));
                for (block, size) in blocks.iter().zip(sizes) {
                    block.write_bytes(0xAA, size);
                }
                for index in order {
                    free(blocks[index] as usize, layout(sizes[index]));
                }
                let (start, length) = heap_in_use(slot);
                let mut image = Vec::new();
                read(start, length, &mut image);
                images.push(image);
                let reused = allocate(slot, Layout::from_size_align(64, 64).unwrap());
                assert_eq!(reused as usize % 64, 0);
                free(reused as usize, Layout::from_size_align(64, 64).unwrap());
                free(blocks[5] as usize, layout(sizes[5]));
            }
            assert_eq!(heap_in_use(slot).1, 0);
        }
        assert!(images.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
