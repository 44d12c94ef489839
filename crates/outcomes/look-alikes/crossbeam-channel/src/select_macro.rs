//! `select!` and `select_biased!`, after the grammar in the original's
//! documentation.

/// Reads the cases one by one (`@read`), evaluates and adds the channels
/// (`@add`), waits, and completes the operation that was taken (`@run`).
///
/// Each level of recursion has names of its own, so that `handle` and `index`
/// in one case's expansion are not those of another.
#[doc(hidden)]
#[macro_export]
macro_rules! crossbeam_channel_internal {
    // All cases read.
    (@read $new:ident ($($cases:tt)*) ($($default:tt)*)) => {{
        #[allow(unused_mut)]
        let mut select = $crate::Select::$new();
        $crate::crossbeam_channel_internal!(@add select ($($cases)*) () ($($default)*))
    }};

    // A receive.
    (@read $new:ident ($($cases:tt)*) $default:tt recv($receiver:expr $(,)?) -> $result:pat => $body:block, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (recv ($receiver) ($result) $body)) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt recv($receiver:expr $(,)?) -> $result:pat => $body:block $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (recv ($receiver) ($result) $body)) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt recv($receiver:expr $(,)?) -> $result:pat => $body:expr, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (recv ($receiver) ($result) { $body })) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt recv($receiver:expr $(,)?) -> $result:pat => $body:expr) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (recv ($receiver) ($result) { $body })) $default)
    };

    // A send.
    (@read $new:ident ($($cases:tt)*) $default:tt send($sender:expr, $message:expr $(,)?) -> $result:pat => $body:block, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (send ($sender) ($message) ($result) $body)) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt send($sender:expr, $message:expr $(,)?) -> $result:pat => $body:block $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (send ($sender) ($message) ($result) $body)) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt send($sender:expr, $message:expr $(,)?) -> $result:pat => $body:expr, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (send ($sender) ($message) ($result) { $body })) $default $($tail)*)
    };
    (@read $new:ident ($($cases:tt)*) $default:tt send($sender:expr, $message:expr $(,)?) -> $result:pat => $body:expr) => {
        $crate::crossbeam_channel_internal!(@read $new ($($cases)* (send ($sender) ($message) ($result) { $body })) $default)
    };

    // What to do if none is ready.
    (@read $new:ident $cases:tt () default $(())? => $body:block, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (() $body) $($tail)*)
    };
    (@read $new:ident $cases:tt () default $(())? => $body:block $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (() $body) $($tail)*)
    };
    (@read $new:ident $cases:tt () default $(())? => $body:expr, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (() { $body }) $($tail)*)
    };
    (@read $new:ident $cases:tt () default $(())? => $body:expr) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (() { $body }))
    };
    (@read $new:ident $cases:tt () default($timeout:expr $(,)?) => $body:block, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (($timeout) $body) $($tail)*)
    };
    (@read $new:ident $cases:tt () default($timeout:expr $(,)?) => $body:block $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (($timeout) $body) $($tail)*)
    };
    (@read $new:ident $cases:tt () default($timeout:expr $(,)?) => $body:expr, $($tail:tt)*) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (($timeout) { $body }) $($tail)*)
    };
    (@read $new:ident $cases:tt () default($timeout:expr $(,)?) => $body:expr) => {
        $crate::crossbeam_channel_internal!(@read $new $cases (($timeout) { $body }))
    };
    (@read $new:ident $cases:tt ($($default:tt)+) default $($tail:tt)*) => {
        ::core::compile_error!("there can be only one `default` case in a `select!` block")
    };
    (@read $new:ident () ()) => {
        ::core::compile_error!("empty `select!` block")
    };
    (@read $new:ident $cases:tt $default:tt $($tail:tt)+) => {
        ::core::compile_error!(
            "expected `recv(receiver) -> pattern => …`, `send(sender, message) -> pattern => …`, \
             `default => …` or `default(duration) => …` in a `select!` block"
        )
    };

    // The channels stay alive and borrowed as long as the select does.
    (@add $select:ident ((recv ($receiver:expr) $($case:tt)*) $($cases:tt)*) ($($done:tt)*) $default:tt) => {
        match &$receiver {
            handle => {
                let handle: &$crate::Receiver<_> = handle;
                let index = $select.recv(handle);
                $crate::crossbeam_channel_internal!(@add $select ($($cases)*) ($($done)* (recv index handle $($case)*)) $default)
            }
        }
    };
    (@add $select:ident ((send ($sender:expr) $($case:tt)*) $($cases:tt)*) ($($done:tt)*) $default:tt) => {
        match &$sender {
            handle => {
                let handle: &$crate::Sender<_> = handle;
                let index = $select.send(handle);
                $crate::crossbeam_channel_internal!(@add $select ($($cases)*) ($($done)* (send index handle $($case)*)) $default)
            }
        }
    };
    (@add $select:ident () $done:tt ()) => {{
        let operation = $crate::internal::choose(&mut $select, $crate::internal::Wait::Ever);
        let operation = ::core::option::Option::expect(operation, "one is taken");
        $crate::crossbeam_channel_internal!(@run operation $done)
    }};
    (@add $select:ident () $done:tt (() $body:block)) => {
        match $crate::internal::choose(&mut $select, $crate::internal::Wait::Never) {
            ::core::option::Option::None => $body,
            ::core::option::Option::Some(operation) => {
                $crate::crossbeam_channel_internal!(@run operation $done)
            }
        }
    };
    (@add $select:ident () $done:tt (($timeout:expr) $body:block)) => {
        match $crate::internal::choose(&mut $select, $crate::internal::Wait::For($timeout)) {
            ::core::option::Option::None => $body,
            ::core::option::Option::Some(operation) => {
                $crate::crossbeam_channel_internal!(@run operation $done)
            }
        }
    };

    // The operation that was taken.
    (@run $operation:ident ((recv $index:ident $handle:ident ($result:pat) $body:block) $($cases:tt)*)) => {
        if $operation.index() == $index {
            let result = $operation.recv($handle);
            match result { $result => $body }
        } else {
            $crate::crossbeam_channel_internal!(@run $operation ($($cases)*))
        }
    };
    (@run $operation:ident ((send $index:ident $handle:ident ($message:expr) ($result:pat) $body:block) $($cases:tt)*)) => {
        if $operation.index() == $index {
            let result = $operation.send($handle, $message);
            match result { $result => $body }
        } else {
            $crate::crossbeam_channel_internal!(@run $operation ($($cases)*))
        }
    };
    (@run $operation:ident ()) => {{
        let _ = &$operation;
        ::core::unreachable!("an operation that was added is taken")
    }};
}

/// Waits for one of several operations on channels. Of those that are ready
/// any may be taken.
#[macro_export]
macro_rules! select {
    ($($tokens:tt)*) => {
        $crate::crossbeam_channel_internal!(@read new () () $($tokens)*)
    };
}

/// Waits for one of several operations on channels. Of those that are ready
/// the first is taken.
#[macro_export]
macro_rules! select_biased {
    ($($tokens:tt)*) => {
        $crate::crossbeam_channel_internal!(@read new_biased () () $($tokens)*)
    };
}
