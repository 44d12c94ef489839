//! loom in the place of std, for code that uses scoped threads, which loom has none of.

pub(crate) use loom::{hint, sync};

pub(crate) mod thread {
    use std::any::Any;
    use std::marker::PhantomData;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::{Arc, Mutex, MutexGuard};

    /// What a thread has come to.
    type Result<T> = std::result::Result<T, Box<dyn Any + Send>>;

    /// As std's.
    pub(crate) struct Scope<'scope, 'env: 'scope> {
        /// Those that nobody has joined yet, by their order.
        threads: Mutex<Vec<Option<loom::thread::JoinHandle<()>>>>,
        scope: PhantomData<&'scope mut &'scope ()>,
        env: PhantomData<&'env mut &'env ()>,
    }

    /// As std's.
    pub(crate) struct ScopedJoinHandle<'scope, T> {
        join: Box<dyn FnOnce() + Send + 'scope>,
        result: Arc<Mutex<Option<Result<T>>>>,
    }

    fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    impl<'scope> Scope<'scope, '_> {
        /// As std's.
        pub(crate) fn spawn<T: Send + 'scope>(
            &'scope self,
            run: impl FnOnce() -> T + Send + 'scope,
        ) -> ScopedJoinHandle<'scope, T> {
            let result = Arc::new(Mutex::new(None));
            let theirs = Arc::clone(&result);
            let whole: Box<dyn FnOnce() + Send + 'scope> = Box::new(move || {
                let came = catch_unwind(AssertUnwindSafe(run));
                *held(&theirs) = Some(came);
            });
            // SAFETY: `scope` doesn't return before the thread has ended.
            let whole: Box<dyn FnOnce() + Send> = unsafe { std::mem::transmute(whole) };
            let thread = loom::thread::spawn(whole);
            let mut threads = held(&self.threads);
            let number = threads.len();
            threads.push(Some(thread));
            ScopedJoinHandle {
                join: Box::new(move || self.join(number)),
                result,
            }
        }

        fn join(&self, number: usize) {
            let thread = held(&self.threads)[number].take();
            if let Some(thread) = thread {
                thread.join().expect("it catches its panics");
            }
        }
    }

    impl<T> ScopedJoinHandle<'_, T> {
        /// As std's.
        pub(crate) fn join(self) -> Result<T> {
            (self.join)();
            held(&self.result).take().expect("it has ended")
        }
    }

    /// As std's.
    pub(crate) fn scope<'env, T>(
        run: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
    ) -> T {
        let scope = Scope {
            threads: Mutex::default(),
            scope: PhantomData,
            env: PhantomData,
        };
        let came = catch_unwind(AssertUnwindSafe(|| run(&scope)));
        let mut number = 0;
        // They may spawn more.
        while number < held(&scope.threads).len() {
            scope.join(number);
            number += 1;
        }
        came.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
