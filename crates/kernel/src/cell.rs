//! What a cell is: the magic at its top, and whether it is a program.
//!
//! Source text is cut into tokens by rustc's own lexer, so that a `fn main`
//! in a comment, a string or a module is not taken for the program's.

mod completeness;
mod magic;
pub(crate) mod pieces;

pub use completeness::completeness;
pub use magic::{Execution, How, MAX_LISTED, MAX_RUNS, Magic};

use pieces::Kind;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use std::ops::Range;

/// A cell, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The magic at its top, if there is one.
    pub magic: Option<Magic>,
    /// What follows.
    pub code: Code,
}

/// A cell's code.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// Nothing but white space and comments.
    Empty,
    /// A whole program.
    Program(Program),
    /// `main();`, and nothing else: the program that was defined last.
    CallOfMain,
    /// Anything else: statements, expressions, items without a `main`.
    Session(String),
}

/// A program, and what stands beside it in its cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Ready for rustc: without a closing `main();`, and with one line break at
    /// its end, so that it is the same text as the file that it was taken from.
    pub source: String,
    /// The whole cell, for where there is no session.
    pub whole: String,
    /// evcxr's commands at the cell's top, `:dep` for example.
    pub commands: Vec<String>,
    /// The statements before the call of `main`, which are for the session. They
    /// are in the lines of the cell that they are in there.
    pub before: Option<String>,
    /// Those after it.
    pub after: Option<String>,
}

impl Program {
    /// Reads a cell that has a `main`.
    fn read(code: &str, tokens: &[Token]) -> Program {
        let end = before_call_of_main(code, tokens).unwrap_or(code.len());
        let plain = |source: &str| format!("{}\n", source.trim_end());
        let whole = plain(&code[..end]);
        let pieces = pieces::pieces(code);
        let call = pieces.iter().position(|it| it.kind == Kind::CallOfMain);
        let is_statement = |at: usize| pieces[at].kind == Kind::Statement;
        let until = call.unwrap_or(pieces.len());
        let before: Vec<_> = (0..until).filter(|at| is_statement(*at)).collect();
        let after: Vec<_> = (until..pieces.len())
            .filter(|at| is_statement(*at))
            .collect();
        if before.is_empty() && after.is_empty() {
            let source = whole.clone();
            return Program {
                source,
                whole,
                ..Program::default()
            };
        }
        let source = blanked(code, |at| {
            let piece = pieces.iter().find(|piece| piece.at.contains(&at));
            piece.is_some_and(|it| matches!(it.kind, Kind::Statement | Kind::CallOfMain))
        });
        let only = |which: &[usize]| {
            let part = blanked(code, |at| {
                let within = |piece: &usize| pieces[*piece].at.contains(&at);
                !which.iter().any(within)
            });
            (!which.is_empty()).then_some(part)
        };
        Program {
            source: plain(&source),
            whole,
            before: only(&before),
            after: only(&after),
            ..Program::default()
        }
    }
}

/// The text with blanks where `is_blank` says so of a byte.
fn blanked(text: &str, is_blank: impl Fn(usize) -> bool) -> String {
    text.char_indices()
        .map(|(at, letter)| match letter {
            '\n' => '\n',
            _ if is_blank(at) => ' ',
            letter => letter,
        })
        .collect()
}

impl Cell {
    /// Reads a cell.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with its magic.
    pub fn read(source: &str) -> Result<Cell, String> {
        let (magic, code) = magic::split(source)?;
        Ok(Cell {
            magic,
            code: Code::read(&code),
        })
    }

    /// Reads a cell that is known to hold a program, whatever its text: rustc says
    /// what is wrong with it, a missing `main` or brace too.
    ///
    /// # Errors
    /// Says in one sentence what is wrong with its magic.
    pub fn read_program(source: &str) -> Result<Cell, String> {
        let (magic, code) = magic::split(source)?;
        let source = format!("{}\n", code.trim_end());
        let program = Program {
            whole: source.clone(),
            source,
            ..Program::default()
        };
        Ok(Cell {
            magic,
            code: Code::Program(program),
        })
    }
}

impl Code {
    /// Reads code without magics.
    pub fn read(source: &str) -> Code {
        let tokens = tokens(source);
        if tokens.is_empty() {
            return Code::Empty;
        }
        let (commands, code) = split_commands(source);
        let tokens = if commands.is_empty() {
            tokens
        } else {
            self::tokens(&code)
        };
        if !is_main_among(&code, &tokens) {
            let is_call = commands.is_empty()
                && matches!(&pieces::pieces(&code)[..], [only] if only.kind == Kind::CallOfMain);
            return match is_call {
                true => Code::CallOfMain,
                false => Code::Session(source.to_owned()),
            };
        }
        Code::Program(Program {
            commands: commands.into_iter().map(str::to_owned).collect(),
            ..Program::read(&code, &tokens)
        })
    }
}

/// evcxr's commands at the top of a cell, and the cell with blank lines in
/// their place. They begin with `:` or `!`, and end where the code begins.
pub(crate) fn split_commands(source: &str) -> (Vec<&str>, String) {
    let mut commands = Vec::new();
    let mut are_over = false;
    let lines = source.split('\n').map(|line| {
        let start = line.trim_start();
        let is_command = start.starts_with(':') || line.starts_with('!');
        are_over |= !is_command && !start.is_empty() && !start.starts_with("//");
        if are_over || !is_command {
            return line;
        }
        commands.push(line.trim());
        ""
    });
    let code = lines.collect::<Vec<_>>().join("\n");
    (commands, code)
}

/// Whether a session's cell ends in a `;`, so that it has no value.
#[cfg_attr(not(any(feature = "evcxr", test)), expect(dead_code))]
pub(crate) fn ends_in_statement(source: &str) -> bool {
    let last = tokens(source).pop();
    last.is_some_and(|token| token.kind == TokenKind::Semi)
}

/// Whether there is more than items, so that it is no file of Rust.
pub(crate) fn has_statements(source: &str) -> bool {
    let mut pieces = pieces::pieces(source).into_iter();
    pieces.any(|piece| matches!(piece.kind, Kind::Statement | Kind::CallOfMain))
}

/// The numbers, from 0, of the lines that begin within a literal or a comment.
pub(crate) fn lines_in_strings(source: &str) -> std::collections::BTreeSet<usize> {
    let mut lines = std::collections::BTreeSet::new();
    let mut line = 0;
    let mut start = 0;
    for token in tokenize(source, FrontmatterAllowed::No) {
        let end = start + token.len as usize;
        let breaks = source[start..end].matches('\n').count();
        if matches!(token.kind, TokenKind::Literal { .. }) {
            lines.extend(line + 1..=line + breaks);
        }
        line += breaks;
        start = end;
    }
    lines
}

/// A token that isn't white space or a comment, with its depth: how many
/// braces, brackets and parentheses are open around it.
#[derive(Clone, Debug)]
struct Token {
    kind: TokenKind,
    at: Range<usize>,
    depth: usize,
}

fn tokens(source: &str) -> Vec<Token> {
    let mut start = 0;
    let mut depth = 0;
    let mut tokens = Vec::new();
    for token in tokenize(source, FrontmatterAllowed::No) {
        let at = start..start + token.len as usize;
        start = at.end;
        let is_blank = matches!(
            token.kind,
            TokenKind::Whitespace
                | TokenKind::LineComment { .. }
                | TokenKind::BlockComment {
                    terminated: true,
                    ..
                }
        );
        if is_blank {
            continue;
        }
        if closes(token.kind).is_some() {
            depth = usize::saturating_sub(depth, 1);
        }
        tokens.push(Token {
            kind: token.kind,
            at,
            depth,
        });
        if opens(token.kind) {
            depth += 1;
        }
    }
    tokens
}

fn opens(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParen
    )
}

/// What a closing token closes.
fn closes(kind: TokenKind) -> Option<TokenKind> {
    match kind {
        TokenKind::CloseBrace => Some(TokenKind::OpenBrace),
        TokenKind::CloseBracket => Some(TokenKind::OpenBracket),
        TokenKind::CloseParen => Some(TokenKind::OpenParen),
        _ => None,
    }
}

/// Whether there is a `main` at the top level.
pub(crate) fn has_main(source: &str) -> bool {
    is_main_among(source, &tokens(source))
}

/// Whether there is a function marked `#[test]`.
pub(crate) fn declares_a_test(source: &str) -> bool {
    let tokens = tokens(source);
    let texts: Vec<&str> = tokens.iter().map(|it| &source[it.at.clone()]).collect();
    texts.windows(4).any(|it| it == ["#", "[", "test", "]"])
}

fn is_main_among(source: &str, tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| {
        pair[0].depth == 0
            && &source[pair[0].at.clone()] == "fn"
            && &source[pair[1].at.clone()] == "main"
    })
}

/// Where a closing `main();` begins. The stock evcxr kernel needs it, since
/// there a cell only defines `main`; here it would be a syntax error.
fn before_call_of_main(source: &str, tokens: &[Token]) -> Option<usize> {
    let semicolons = tokens
        .iter()
        .rev()
        .take_while(|token| token.kind == TokenKind::Semi)
        .count();
    let [.., main, open, close] = &tokens[..tokens.len() - semicolons] else {
        return None;
    };
    let is_call = main.depth == 0
        && &source[main.at.clone()] == "main"
        && open.kind == TokenKind::OpenParen
        && close.kind == TokenKind::CloseParen;
    is_call.then_some(main.at.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(source: &str) -> String {
        match Code::read(source) {
            Code::Program(program) => {
                assert_eq!(
                    (&program.before, &program.after),
                    (&None, &None),
                    "{source}"
                );
                program.source
            }
            other => panic!("{source:?} is a program, not {other:?}"),
        }
    }

    #[test]
    fn a_top_level_main_makes_a_program() {
        for source in [
            "fn main() {}",
            "use std::thread;\n\nfn main() {\n    thread::yield_now();\n}\n",
            "pub fn main() {}",
            "#[tokio::main]\nasync fn main() {}",
            "// a\nfn /* b */ main() {}",
            "fn first() {} fn\nmain() {}",
        ] {
            program(source);
        }
    }

    #[test]
    fn everything_else_is_for_the_session() {
        for source in [
            "1 + 1",
            "// fn main() {}\n1",
            "/* fn main() {} */ let x = 1;",
            "\"fn main() {}\"",
            "r#\"\nfn main() {}\n\"#",
            "mod inner { fn main() {} }",
            "fn mainly() {}",
            "let c = '\"'; \"fn main() {}\"",
            "main().unwrap();",
            "main(); 1",
        ] {
            assert_eq!(Code::read(source), Code::Session(source.into()));
        }
    }

    #[test]
    fn nothing_is_empty() {
        for source in ["", " \n\t", "// only a comment", "/* one */\n"] {
            assert_eq!(Code::read(source), Code::Empty);
        }
    }

    #[test]
    fn a_closing_call_of_main_is_dropped() {
        for end in ["", "\n", "main();", "\nmain()\n", "\n\nmain ( ) ; // run"] {
            assert_eq!(program(&format!("fn main() {{}}{end}")), "fn main() {}\n");
        }
        let recursive = "fn main() { main(); }\n";
        assert_eq!(program(recursive), recursive);
    }

    #[test]
    fn what_stands_beside_a_program_is_for_the_session() {
        let code =
            ":dep rand = \"0.9\"\n:opt 0\nlet x = 1;\nfn main() {\n}\nprint(x);\nmain();\nx + 1";
        let Code::Program(program) = Code::read(code) else {
            panic!("it is a program");
        };
        assert_eq!(program.commands, [":dep rand = \"0.9\"", ":opt 0"]);
        let lines = |text: &str| {
            text.lines()
                .map(|it| it.trim_end().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&program.source), ["", "", "", "fn main() {", "}"]);
        assert_eq!(
            lines(&program.before.unwrap()),
            ["", "", "let x = 1;", "", "", "print(x);", "", ""]
        );
        assert_eq!(
            lines(&program.after.unwrap()),
            ["", "", "", "", "", "", "", "x + 1"]
        );
        for call in ["main();", " main ( ) ", "// run\nmain();"] {
            assert_eq!(Code::read(call), Code::CallOfMain, "{call}");
        }
    }

    #[test]
    fn a_semicolon_leaves_no_value() {
        for (source, statement) in [
            ("x;", true),
            ("x; // y", true),
            ("x", false),
            ("\";\"", false),
            ("", false),
        ] {
            assert_eq!(ends_in_statement(source), statement, "{source}");
        }
    }

    #[test]
    fn what_is_known_to_be_a_program_is_one_whatever_its_text() {
        for code in [
            "fn main() {}",
            "impl A {\nfn main() {}",
            "",
            "// a",
            "1 + 1",
        ] {
            for magic in ["", "%%run 3\n", "%%outcomes\n", "%%trace\n"] {
                let cell = Cell::read_program(&format!("{magic}{code}")).unwrap();
                assert_eq!(cell.magic.is_some(), !magic.is_empty());
                let Code::Program(program) = cell.code else {
                    panic!("{code:?} is a program");
                };
                assert_eq!(program.source, format!("{code}\n"));
                assert_eq!((program.before, program.after), (None, None));
            }
        }
    }

    #[test]
    fn a_program_is_the_same_under_a_magic() {
        let cell = Cell::read("%%run 3\nfn main() {}").unwrap();
        assert_eq!(cell.code, Code::read("fn main() {}\n"));
        assert_eq!(
            cell.magic,
            Some(Magic::Run {
                runs: 3,
                edition: None
            })
        );
    }
}
