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
        let mut call = Resumed {
            fibre: self,
            answer,
            announced: None,
        };
        // SAFETY: `resumed` takes what it is given here.
        unsafe { with_clean_registers(resumed, &raw mut call) };
        call.announced
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

/// What is handed to [`resumed`], and back.
struct Resumed<'f> {
    fibre: &'f mut Fibre,
    answer: u32,
    announced: Option<Announced>,
}

unsafe extern "C-unwind" fn resumed(call: *mut Resumed<'_>) {
    // SAFETY: it is the caller's own.
    let call = unsafe { &mut *call };
    // SAFETY: always initialised.
    let fiber = unsafe { call.fibre.0.assume_init_mut() };
    call.announced = match fiber.resume(call.answer) {
        CoroutineResult::Yield(announced) => Some(announced),
        CoroutineResult::Return(()) => None,
    };
}

/// Calls `run` with zeroes in the registers that a function leaves as they were. A
/// thread begins with what they hold, and keeps it on its stack: the engine's numbers
/// and addresses there would tell equal states apart.
///
/// # Safety
/// `run` must be fit to be called with `call`.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[unsafe(naked)]
unsafe extern "C-unwind" fn with_clean_registers(
    run: unsafe extern "C-unwind" fn(*mut Resumed<'_>),
    call: *mut Resumed<'_>,
) {
    #[cfg(target_arch = "x86_64")]
    core::arch::naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        ".cfi_offset rbx, -24",
        ".cfi_offset r12, -32",
        ".cfi_offset r13, -40",
        ".cfi_offset r14, -48",
        ".cfi_offset r15, -56",
        "sub rsp, 8",
        "xor ebx, ebx",
        "xor r12d, r12d",
        "xor r13d, r13d",
        "xor r14d, r14d",
        "xor r15d, r15d",
        "mov rax, rdi",
        "mov rdi, rsi",
        "call rax",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    );
    #[cfg(target_arch = "aarch64")]
    core::arch::naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-96]!",
        ".cfi_def_cfa_offset 96",
        ".cfi_offset x29, -96",
        ".cfi_offset x30, -88",
        "mov x29, sp",
        ".cfi_def_cfa x29, 96",
        "stp x19, x20, [sp, #16]",
        "stp x21, x22, [sp, #32]",
        "stp x23, x24, [sp, #48]",
        "stp x25, x26, [sp, #64]",
        "stp x27, x28, [sp, #80]",
        ".cfi_offset x19, -80",
        ".cfi_offset x20, -72",
        ".cfi_offset x21, -64",
        ".cfi_offset x22, -56",
        ".cfi_offset x23, -48",
        ".cfi_offset x24, -40",
        ".cfi_offset x25, -32",
        ".cfi_offset x26, -24",
        ".cfi_offset x27, -16",
        ".cfi_offset x28, -8",
        "mov x19, xzr",
        "mov x20, xzr",
        "mov x21, xzr",
        "mov x22, xzr",
        "mov x23, xzr",
        "mov x24, xzr",
        "mov x25, xzr",
        "mov x26, xzr",
        "mov x27, xzr",
        "mov x28, xzr",
        "mov x9, x0",
        "mov x0, x1",
        "blr x9",
        "ldp x19, x20, [sp, #16]",
        "ldp x21, x22, [sp, #32]",
        "ldp x23, x24, [sp, #48]",
        "ldp x25, x26, [sp, #64]",
        "ldp x27, x28, [sp, #80]",
        "ldp x29, x30, [sp], #96",
        ".cfi_def_cfa sp, 0",
        "ret",
        ".cfi_endproc",
    );
}

/// The same, where which registers these are isn't known here.
///
/// # Safety
/// As above.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn with_clean_registers(
    run: unsafe extern "C-unwind" fn(*mut Resumed<'_>),
    call: *mut Resumed<'_>,
) {
    // SAFETY: the caller's.
    unsafe { run(call) }
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
