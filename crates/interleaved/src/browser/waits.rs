//! Makes a module count its threads that wait, so that a page can tell a deadlock.
//!
//! A thread that waits (for a lock, a message, another thread) does so by the
//! instruction `memory.atomic.wait32`, of which nobody outside hears. Around each
//! of these, and behind each `memory.atomic.notify`, go instructions that keep
//! three numbers in the module's memory, from [`ADDRESS`] on:
//!
//! - how many threads wait. Whoever wakes a thread counts it out, so one that has
//!   been woken and has not gone on yet isn't among them;
//! - how many of them wait with a time limit, or have just done so;
//! - how often anything of that has changed.
//!
//! If all threads wait, none with a limit, and nothing changes any more, it is a
//! deadlock: nobody is left to wake anyone. A thread that sleeps or prints is
//! outside of the module then, and doesn't count as one that waits.
//!
//! The instructions leave the stack as it is, and use two variables at the end of
//! their function's, so nothing else in the module moves:
//! <https://webassembly.github.io/spec/core/binary/>,
//! <https://webassembly.github.io/threads/core/binary/>.

use anyhow::{Context, Result, bail, ensure};

/// Where the three numbers are: 32 bits each. Nothing of a program is there: the
/// linker puts either the far end of the first stack at the beginning of the
/// memory, or leaves its first 1024 bytes free.
const ADDRESS: u8 = 0x20;

const TYPES: u8 = 1;
const IMPORTS: u8 = 2;
const FUNCTIONS: u8 = 3;
const CODE: u8 = 10;

const I32: u8 = 0x7f;
const I64: u8 = 0x7e;

/// The same module, which counts.
///
/// # Errors
/// When it is no module, or has something in it that nobody foresaw.
pub(super) fn counted(module: &[u8]) -> Result<Vec<u8>> {
    let mut input = Input::new(module);
    let header = input.take(8)?;
    ensure!(header == b"\0asm\x01\0\0\0", "it is no WebAssembly module");
    let mut parameters = Vec::new();
    let mut functions = Vec::new();
    let mut new = header.to_vec();
    while !input.is_empty() {
        let id = input.byte()?;
        let size = input.number()?;
        let section = input.take(size)?;
        let mut content = Input::new(section);
        match id {
            TYPES => parameters = read_types(&mut content)?,
            IMPORTS => {}
            FUNCTIONS => {
                functions = content.many(Input::number)?;
            }
            CODE => {
                let code = rewrite(&mut content, &functions, &parameters)?;
                new.push(id);
                put(&mut new, code.len());
                new.extend(code);
                continue;
            }
            _ => {}
        }
        new.push(id);
        put(&mut new, size);
        new.extend(section);
    }
    Ok(new)
}

/// How many parameters each type of function has.
fn read_types(input: &mut Input) -> Result<Vec<usize>> {
    input.many(|input| {
        ensure!(input.byte()? == 0x60, "it has a type that is no function's");
        let parameters = input.many(Input::byte)?.len();
        input.many(Input::byte)?;
        Ok(parameters)
    })
}

fn rewrite(input: &mut Input, functions: &[usize], parameters: &[usize]) -> Result<Vec<u8>> {
    let count = input.number()?;
    ensure!(
        count == functions.len(),
        "not every function has a body in it"
    );
    let mut new = Vec::new();
    put(&mut new, count);
    for function in functions {
        let parameters = parameters
            .get(*function)
            .context("a function in it has no type")?;
        let size = input.number()?;
        let body = body(input.take(size)?, *parameters)?;
        put(&mut new, body.len());
        new.extend(body);
    }
    Ok(new)
}

/// A function's body: its variables and its instructions.
fn body(bytes: &[u8], parameters: usize) -> Result<Vec<u8>> {
    let mut input = Input::new(bytes);
    let groups = input.many(|input| Ok((input.number()?, input.byte()?)))?;
    let variables: usize = groups.iter().map(|(count, _)| count).sum();
    let code = input.rest();
    let instructions = Instructions {
        limit: parameters + variables,
        result: parameters + variables + 1,
    };
    let Some(code) = instructions.insert_into(code)? else {
        return Ok(bytes.to_vec());
    };
    let mut new = Vec::new();
    put(&mut new, groups.len() + 2);
    for (count, kind) in groups.into_iter().chain([(1, I64), (1, I32)]) {
        put(&mut new, count);
        new.push(kind);
    }
    new.extend(code);
    Ok(new)
}

/// What is put in, given the variables for it.
struct Instructions {
    /// For how long to wait at most: less than 0 for as long as it takes.
    limit: usize,
    /// What a wait or a notification came to.
    result: usize,
}

/// The numbers, as places from [`ADDRESS`] on.
const WAITING: u8 = 0;
const WITH_LIMIT: u8 = 4;
const CHANGES: u8 = 8;

const ADD: u8 = 0x1e;
const SUBTRACT: u8 = 0x25;

impl Instructions {
    /// `None` if there is nothing to count in this code.
    fn insert_into(&self, code: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut new = Vec::new();
        let mut input = Input::new(code);
        let mut copied = 0;
        while !input.is_empty() {
            let start = input.at;
            let kind = instruction(&mut input)?;
            let (before, after) = match kind {
                Kind::Other => continue,
                Kind::Wait => (self.before_wait(), self.after_wait()),
                Kind::Notify => (Vec::new(), self.after_notify()),
            };
            new.extend(&code[copied..start]);
            new.extend(before);
            new.extend(&code[start..input.at]);
            new.extend(after);
            copied = input.at;
        }
        new.extend(&code[copied..]);
        Ok((new.len() != code.len()).then_some(new))
    }

    fn before_wait(&self) -> Vec<u8> {
        let mut code = vec![0x22]; // local.tee
        put(&mut code, self.limit);
        count(&mut code, ADD, WAITING, &ONE);
        count(&mut code, ADD, WITH_LIMIT, &self.has_limit());
        count(&mut code, ADD, CHANGES, &ONE);
        code
    }

    fn after_wait(&self) -> Vec<u8> {
        let mut code = vec![0x21]; // local.set
        put(&mut code, self.result);
        count(&mut code, SUBTRACT, WITH_LIMIT, &self.has_limit());
        // 0 is woken, and then counted out already.
        let mut by_itself = self.get_result();
        by_itself.extend([0x45, 0x45]); // i32.eqz, twice
        count(&mut code, SUBTRACT, WAITING, &by_itself);
        count(&mut code, ADD, CHANGES, &ONE);
        code.extend(self.get_result());
        code
    }

    fn after_notify(&self) -> Vec<u8> {
        let mut code = vec![0x21]; // local.set
        put(&mut code, self.result);
        count(&mut code, SUBTRACT, WAITING, &self.get_result());
        count(&mut code, ADD, CHANGES, &ONE);
        code.extend(self.get_result());
        code
    }

    fn get_result(&self) -> Vec<u8> {
        let mut code = vec![0x20]; // local.get
        put(&mut code, self.result);
        code
    }

    fn has_limit(&self) -> Vec<u8> {
        let mut code = vec![0x20]; // local.get
        put(&mut code, self.limit);
        code.extend([0x42, 0, 0x59]); // i64.const 0, i64.ge_s
        code
    }
}

/// i32.const 1
const ONE: [u8; 2] = [0x41, 1];

/// Adds what some instructions leave on the stack to one of the numbers.
fn count(code: &mut Vec<u8>, operation: u8, number: u8, amount: &[u8]) {
    code.extend([0x41, ADDRESS]); // i32.const
    code.extend(amount);
    code.extend([0xfe, operation, 2, number]); // aligned to 4 bytes
    code.push(0x1a); // drop
}

enum Kind {
    Wait,
    Notify,
    Other,
}

/// Reads past an instruction.
fn instruction(input: &mut Input) -> Result<Kind> {
    match input.byte()? {
        // Blocks, by their type.
        0x02..=0x04 => input.signed()?,
        // Branches and calls; variables, globals and tables; memory's size.
        0x0c | 0x0d | 0x10 | 0x12 | 0x20..=0x26 | 0x3f | 0x40 | 0xd2 => {
            input.number()?;
        }
        0x0e => {
            input.many(Input::number)?;
            input.number()?;
        }
        0x11 | 0x13 => {
            input.number()?;
            input.number()?;
        }
        0x1c => {
            input.many(Input::byte)?;
        }
        0x28..=0x3e => input.place()?,
        // Constants.
        0x41 | 0x42 | 0xd0 => input.signed()?,
        0x43 => {
            input.take(4)?;
        }
        0x44 => {
            input.take(8)?;
        }
        0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
        0xfc => match input.number()? {
            0..=7 => {}
            8 | 10 | 12 | 14 => {
                input.number()?;
                input.number()?;
            }
            9 | 11 | 13 | 15..=17 => {
                input.number()?;
            }
            other => bail!("it has the instruction 0xfc {other:#x}, which nobody foresaw"),
        },
        0xfe => match input.number()? {
            0 => {
                input.place()?;
                return Ok(Kind::Notify);
            }
            1 | 2 => {
                input.place()?;
                return Ok(Kind::Wait);
            }
            3 => {
                input.byte()?;
            }
            _ => input.place()?,
        },
        other => bail!("it has the instruction {other:#x}, which nobody foresaw"),
    }
    Ok(Kind::Other)
}

/// Bytes to read.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn new(bytes: &'a [u8]) -> Input<'a> {
        Input { bytes, at: 0 }
    }

    fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let taken = self.rest().get(..count).context("it ends too early")?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// A number in LEB128, of 64 bits at most.
    fn number(&mut self) -> Result<usize> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(number).context("it has a number that is too large");
            }
        }
        bail!("it has a number that doesn't end")
    }

    /// Reads past a signed number, which is as long as an unsigned one.
    fn signed(&mut self) -> Result<()> {
        while self.byte()? >= 0x80 {}
        Ok(())
    }

    /// Reads past a place in memory: its alignment, and how far it is from the
    /// address on the stack.
    fn place(&mut self) -> Result<()> {
        let alignment = self.number()?;
        ensure!(alignment < 64, "it has more than one memory");
        self.number()?;
        Ok(())
    }

    fn many<T>(&mut self, one: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        (0..self.number()?).map(|_| one(self)).collect()
    }
}

/// Writes a number in LEB128.
fn put(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one function, which takes an i32 and returns one, and has
    /// one variable.
    fn module(code: &[u8]) -> Vec<u8> {
        let mut body = vec![1, 1, I32];
        body.extend(code);
        let mut content = vec![1];
        put(&mut content, body.len());
        content.extend(body);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([TYPES, 6, 1, 0x60, 1, I32, 1, I32]);
        module.extend([FUNCTIONS, 2, 1, 0]);
        module.push(CODE);
        put(&mut module, content.len());
        module.extend(content);
        module.extend([0, 2, 1, b'x']);
        module
    }

    /// What became of the code in it.
    fn code_of(module: &[u8]) -> Vec<u8> {
        let mut input = Input::new(module);
        input.take(8 + 8 + 4 + 1).unwrap();
        let size = input.number().unwrap();
        let mut code = Input::new(input.take(size).unwrap());
        assert_eq!(input.rest(), [0, 2, 1, b'x'], "what follows is as it was");
        assert_eq!(code.number().unwrap(), 1);
        let size = code.number().unwrap();
        assert_eq!(size, code.rest().len());
        let groups = code
            .many(|input| Ok((input.number()?, input.byte()?)))
            .unwrap();
        if groups.len() > 1 {
            assert_eq!(groups, [(1, I32), (1, I64), (1, I32)]);
        }
        code.rest().to_vec()
    }

    #[test]
    fn code_that_waits_for_nobody_stays_as_it_is() {
        // A constant whose bytes are those of a wait is none.
        let code = [0x41, 0xfe, 0x01, 0x1a, 0x20, 0, 0x0b];
        assert_eq!(counted(&module(&code)).unwrap(), module(&code));
    }

    #[test]
    fn a_wait_is_counted_in_and_out() {
        let wait = [0xfe, 1, 2, 0];
        let code = [&[0x20, 0, 0x41, 0, 0x42, 0x7f][..], &wait, &[0x0b]].concat();
        let new = code_of(&counted(&module(&code)).unwrap());
        let at = new.windows(4).position(|bytes| bytes == wait).unwrap();
        // Variables 2 and 3 come after the parameter and the variable.
        assert_eq!(new[6..8], [0x22, 2]);
        assert_eq!(new[at + 4..at + 6], [0x21, 3]);
        let adds = |code: &[u8]| code.windows(2).filter(|it| *it == [0xfe, ADD]).count();
        let subtracts = |code: &[u8]| code.windows(2).filter(|it| *it == [0xfe, SUBTRACT]).count();
        assert_eq!((adds(&new[..at]), subtracts(&new[..at])), (3, 0));
        assert_eq!((adds(&new[at..]), subtracts(&new[at..])), (1, 2));
        assert_eq!(new[new.len() - 3..], [0x20, 3, 0x0b], "its result is left");
    }

    #[test]
    fn who_is_woken_is_counted_out() {
        let code = [0x20, 0, 0x41, 1, 0xfe, 0, 2, 0, 0x0b];
        let new = code_of(&counted(&module(&code)).unwrap());
        let woken = [0x41, ADDRESS, 0x20, 3, 0xfe, SUBTRACT, 2, WAITING, 0x1a];
        assert!(new.windows(woken.len()).any(|bytes| bytes == woken));
    }

    #[test]
    fn what_nobody_foresaw_is_refused() {
        let error = counted(&module(&[0xfd, 0, 0, 0, 0x0b])).unwrap_err();
        assert!(error.to_string().contains("0xfd"), "{error}");
        assert!(counted(b"#!/bin/sh").is_err());
        let whole = module(&[0x20, 0, 0x0b]);
        assert!(counted(&whole[..whole.len() - 5]).is_err());
    }
}
