//! Threads as coroutines on stacks of the engine's own.

use crate::memory;
use crate::model::Operation;
use corosensei::stack::{Stack, StackPointer};
use corosensei::trap::CoroutineTrapHandler;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

pub(super) type Announced = *const Operation<'static>;
type Fiber = Coroutine<u32, Announced, (), SlotStack>;

/// The size of the stacks that the engine's own coroutines run on.
pub(super) const ENGINE_STACK: usize = 512 << 10;

/// The stack of a slot, from this address down.
struct SlotStack {
    slot: usize,
    base: usize,
}

// SAFETY: the slot's stack starts with a guard that is never made accessible.
unsafe impl Stack for SlotStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.base).expect("not null")
    }

    fn limit(&self) -> StackPointer {
        StackPointer::new(memory::stack_limit(self.slot)).expect("not null")
    }
}

/// A coroutine that can be copied: a copy stands for the coroutine as it was
/// at the time of copying, and is only resumed after the stack has been put
/// back too. Never dropped, since unwinding is up to the program.
pub(super) struct Fibre(MaybeUninit<Fiber>);

impl Clone for Fibre {
    fn clone(&self) -> Fibre {
        // SAFETY: a bitwise copy, of which one at a time is in use.
        Fibre(unsafe { ptr::read(&self.0) })
    }
}

impl Fibre {
    pub(super) fn new(slot: usize, body: impl FnOnce(&Yielder<u32, Announced>) + 'static) -> Fibre {
        Fibre::below(slot, memory::stack_base(slot), body)
    }

    /// One that leaves alone what is on the slot's stack from this address up.
    pub(super) fn below(
        slot: usize,
        base: usize,
        body: impl FnOnce(&Yielder<u32, Announced>) + 'static,
    ) -> Fibre {
        let stack = SlotStack { slot, base };
        Fibre(MaybeUninit::new(Coroutine::with_stack(
            stack,
            move |yielder, _| body(yielder),
        )))
    }

    pub(super) fn resume(&mut self, answer: u32) -> Option<Announced> {
        // SAFETY: always initialised.
        let fiber = unsafe { self.0.assume_init_mut() };
        match fiber.resume(answer) {
            CoroutineResult::Yield(announced) => Some(announced),
            CoroutineResult::Return(()) => None,
        }
    }

    /// What leads the coroutine back for good, while it runs.
    pub(super) fn trap_handler(&self) -> CoroutineTrapHandler<()> {
        // SAFETY: always initialised.
        unsafe { self.0.assume_init_ref() }.trap_handler()
    }

    /// The stack pointer at which it is suspended.
    pub(super) fn stack_pointer(&self) -> usize {
        self.word(stack_pointer_word())
    }

    fn word(&self, index: usize) -> usize {
        assert!((index + 1) * size_of::<usize>() <= size_of::<Fiber>());
        // SAFETY: in bounds; the fields of a coroutine are pointer-sized.
        unsafe { self.0.as_ptr().cast::<usize>().add(index).read() }
    }
}

/// Which word of a coroutine holds its stack pointer: the one that changes
/// when it is resumed. corosensei doesn't give it away.
pub(super) fn stack_pointer_word() -> usize {
    static WORD: OnceLock<usize> = OnceLock::new();
    *WORD.get_or_init(|| {
        memory::open(memory::SCRATCH);
        memory::open_stack(memory::SCRATCH, ENGINE_STACK);
        let mut fibre = Fibre::new(memory::SCRATCH, |yielder| {
            yielder.suspend(ptr::null());
        });
        let words = size_of::<Fiber>() / size_of::<usize>();
        let before: Vec<usize> = (0..words).map(|word| fibre.word(word)).collect();
        fibre.resume(0);
        let changed: Vec<usize> = (0..words)
            .filter(|&word| fibre.word(word) != before[word])
            .collect();
        fibre.resume(0);
        let &[word] = changed.as_slice() else {
            panic!("a coroutine is not laid out as expected: {changed:?} changed");
        };
        word
    })
}
