//! The attribute of the crate `outcomes`. It may use the compiler's own crate for macros,
//! and nothing else: a parser of all of Rust would take longer to build than the tests.

#![forbid(unsafe_code)]

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use std::iter::Peekable;

/// What may stand in the attribute, for whoever writes something else.
const KNOWN: &str = "what may stand here is `outputs = 2`, how many outputs the test has";

/// A test as by `#[test]`, which may say how many outputs it has:
/// `#[outcomes::test(outputs = 140)]`. `cargo test` runs it as any other.
///
/// `#[ignore]`, `#[should_panic]` and other attributes go with it.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match expanded(arguments, item.clone()) {
        Ok(tokens) => tokens,
        Err(Wrong { what, at }) => {
            let mut tokens = compile_error(&what, at);
            tokens.extend(item);
            tokens
        }
    }
}

/// What is wrong with how it is used, and where.
struct Wrong {
    what: String,
    at: Span,
}

fn expanded(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Wrong> {
    let outputs = outputs(arguments)?;
    let mut item: Vec<TokenTree> = item.into_iter().collect();
    let is_function =
        |token: &TokenTree| matches!(token, TokenTree::Ident(it) if it.to_string() == "fn");
    let body = item.iter().any(is_function).then(|| item.pop()).flatten();
    let Some(TokenTree::Group(body)) = body else {
        return Err(Wrong {
            what: "`#[outcomes::test]` is for functions, as `#[test]` is".to_owned(),
            at: Span::call_site(),
        });
    };
    let mut tokens = test_attribute();
    tokens.extend(item);
    tokens.extend([TokenTree::Group(match outputs {
        Some(count) => with_count(&body, count),
        None => body,
    })]);
    Ok(tokens)
}

/// How many outputs are asked for, as an expression.
fn outputs(arguments: TokenStream) -> Result<Option<TokenStream>, Wrong> {
    let wrong = |what: String, at: Span| Err(Wrong { what, at });
    let mut tokens = arguments.into_iter().peekable();
    let mut found = None;
    while let Some(key) = tokens.next() {
        let at = key.span();
        match &key {
            TokenTree::Ident(name) if name.to_string() == "outputs" => {}
            other => return wrong(format!("there is no `{other}` here: {KNOWN}"), at),
        }
        if found.is_some() {
            return wrong("`outputs` stands here twice".to_owned(), at);
        }
        match tokens.next() {
            Some(TokenTree::Punct(sign)) if sign.as_char() == '=' => {}
            _ => return wrong(format!("`outputs` needs a number: {KNOWN}"), at),
        }
        let value = until_next_key(&mut tokens);
        if value.is_empty() {
            return wrong(format!("`outputs` needs a number: {KNOWN}"), at);
        }
        found = Some(value);
    }
    Ok(found)
}

/// What comes before the next key. A comma within an expression has none behind it.
fn until_next_key(tokens: &mut Peekable<impl Iterator<Item = TokenTree> + Clone>) -> TokenStream {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == ',');
    let mut value = TokenStream::new();
    while let Some(token) = tokens.next() {
        if is_comma(&token) {
            let mut behind = tokens.clone();
            match (behind.next(), behind.next()) {
                (None, _) => break,
                (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(sign)))
                    if sign.as_char() == '=' && sign.spacing() == Spacing::Alone =>
                {
                    break;
                }
                _ => {}
            }
        }
        value.extend([token]);
    }
    value
}

/// The body with `::outcomes::outputs!(count);` at its start, below its own attributes.
/// Its place is the number's.
fn with_count(body: &Group, count: TokenStream) -> Group {
    let at = count
        .clone()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |it| it.span());
    let mut rest = body.stream().into_iter().peekable();
    let mut tokens = TokenStream::new();
    while let Some(TokenTree::Punct(sign)) = rest.peek()
        && sign.as_char() == '#'
    {
        let sign = rest.next();
        let is_inner = matches!(rest.peek(), Some(TokenTree::Punct(it)) if it.as_char() == '!');
        if !is_inner {
            // An attribute of the first statement.
            return braces(
                body,
                [
                    tokens,
                    call(count, at),
                    sign.into_iter().chain(rest).collect(),
                ],
            );
        }
        tokens.extend(sign.into_iter().chain(rest.by_ref().take(2)));
    }
    braces(body, [tokens, call(count, at), rest.collect()])
}

fn braces(like: &Group, tokens: [TokenStream; 3]) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens.into_iter().collect());
    group.set_span(like.span());
    group
}

/// `#[::core::prelude::v1::test]`: what `#[test]` is where nobody has given the name to
/// something else, without std as well.
fn test_attribute() -> TokenStream {
    let path = path(&["core", "prelude", "v1", "test"], Span::call_site());
    let brackets = Group::new(Delimiter::Bracket, path);
    [
        TokenTree::Punct(Punct::new('#', Spacing::Alone)),
        TokenTree::Group(brackets),
    ]
    .into_iter()
    .collect()
}

/// `::outcomes::outputs!(count);`
fn call(count: TokenStream, at: Span) -> TokenStream {
    let mut tokens = path(&["outcomes", "outputs"], at);
    tokens.extend(called_with(count, at));
    tokens
}

fn compile_error(what: &str, at: Span) -> TokenStream {
    let mut text = Literal::string(what);
    text.set_span(at);
    let mut tokens = path(&["core", "compile_error"], at);
    let text = TokenTree::Literal(text).into();
    tokens.extend(called_with(text, at));
    tokens
}

/// `!(arguments);`
fn called_with(arguments: TokenStream, at: Span) -> [TokenTree; 3] {
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(at);
    [
        TokenTree::Punct(punct('!', Spacing::Alone, at)),
        TokenTree::Group(group),
        TokenTree::Punct(punct(';', Spacing::Alone, at)),
    ]
}

/// A path from the crates on: `::one::two`.
fn path(names: &[&str], at: Span) -> TokenStream {
    names
        .iter()
        .flat_map(|name| {
            [
                TokenTree::Punct(punct(':', Spacing::Joint, at)),
                TokenTree::Punct(punct(':', Spacing::Alone, at)),
                TokenTree::Ident(Ident::new(name, at)),
            ]
        })
        .collect()
}

fn punct(letter: char, spacing: Spacing, at: Span) -> Punct {
    let mut punct = Punct::new(letter, spacing);
    punct.set_span(at);
    punct
}
