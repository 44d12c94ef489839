//! Items as they stand in source text: as much of Rust's grammar as it takes
//! to tell one from another, and what it is called.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::HashMap;
use std::iter;
use std::rc::Rc;

/// What a module, an `impl` or a trait contains.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) items: Vec<Item>,
    /// Of the module itself, by attributes in it.
    pub(super) attributes: Attributes,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) attributes: Attributes,
    pub(super) is_public: bool,
    pub(super) kind: Kind,
}

#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) is_stable: bool,
    pub(super) is_unstable: bool,
    pub(super) derives: Vec<String>,
    /// Whether it isn't there, by `cfg`.
    is_off: bool,
}

#[derive(Debug)]
pub(super) enum Kind {
    Module(String, Option<Rc<Body>>),
    Type(String, Generics),
    Trait(String),
    /// With the reason, if all it does is to refuse to be called.
    Function(String, Option<String>),
    Constant(String),
    Use(Vec<Import>),
    Impl(Impl),
}

/// A name that comes from elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// None for `*`.
    pub(super) name: Option<String>,
}

/// How many parameters a type must be given where it is named.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Generics {
    pub(super) types: usize,
}

#[derive(Debug)]
pub(super) struct Impl {
    /// The trait's name.
    pub(super) of: Option<String>,
    /// How many types the trait is given.
    pub(super) arguments: usize,
    /// Whether it is for `&T`, `&mut T` or `T` itself.
    pub(super) reference: &'static str,
    /// The type's path.
    pub(super) to: Vec<String>,
    pub(super) body: Body,
}

type Tokens = Vec<TokenTree>;

/// Everything in a file.
pub(super) fn file(text: &str) -> Option<Body> {
    let tokens: TokenStream = text.parse().ok()?;
    let tokens: Tokens = tokens.into_iter().collect();
    let mut macros = HashMap::new();
    collect_macros(&tokens, &mut macros);
    Some(body(&tokens, &macros, 0))
}

/// The rules of each macro: what it is given, and what it makes of that.
type Macros = HashMap<String, Vec<(Tokens, Tokens)>>;

fn collect_macros(tokens: &[TokenTree], macros: &mut Macros) {
    for window in tokens.windows(4) {
        let [word, mark, TokenTree::Ident(name), TokenTree::Group(group)] = window else {
            continue;
        };
        if is_word(word, "macro_rules") && is_mark(mark, '!') {
            let rules: Tokens = group.stream().into_iter().collect();
            macros.insert(name.to_string(), rules_of(&rules));
        }
    }
}

fn rules_of(tokens: &[TokenTree]) -> Vec<(Tokens, Tokens)> {
    let groups: Vec<Tokens> = tokens
        .iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream().into_iter().collect()),
            _ => None,
        })
        .collect();
    groups
        .chunks_exact(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

/// How deep macros call each other, at most.
const DEEPEST: usize = 4;

fn body(tokens: &[TokenTree], macros: &Macros, depth: usize) -> Body {
    let mut found = Body::default();
    let mut rest = tokens;
    while !rest.is_empty() {
        let mut attributes = Attributes::default();
        rest = take_attributes(rest, &mut attributes, &mut found.attributes);
        let (is_public, after) = take_visibility(rest);
        rest = after;
        if let Some((name, group, after)) = call(rest) {
            rest = after;
            let rules = macros.get(&name);
            if let Some(rules) = rules.filter(|_| depth < DEEPEST && !attributes.is_off) {
                let group: Tokens = group.stream().into_iter().collect();
                let expanded = expand(rules, &group);
                found.items.extend(body(&expanded, macros, depth + 1).items);
            }
            continue;
        }
        let (length, is_const) = qualifiers(rest);
        let item = &rest[length..];
        let keyword = item.first().map(ToString::to_string).unwrap_or_default();
        let name = item.get(1).map(ToString::to_string).unwrap_or_default();
        let by_semicolon = matches!(&*keyword, "static" | "type" | "use") || is_const;
        let end = end_of_item(rest, by_semicolon);
        let whole = &rest[..end];
        rest = &rest[end..];
        let inner = || match whole.last() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let tokens: Tokens = group.stream().into_iter().collect();
                Some(body(&tokens, macros, depth))
            }
            _ => None,
        };
        let kind = match &*keyword {
            _ if is_const => constant_name(whole, length).map(Kind::Constant),
            "mod" => Some(Kind::Module(name, inner().map(Rc::new))),
            "struct" | "enum" | "union" | "type" => {
                let generics = generics(item.get(2..).unwrap_or_default());
                Some(Kind::Type(name, generics))
            }
            "trait" => Some(Kind::Trait(name)),
            "fn" => Some(Kind::Function(name, whole.last().and_then(refusal))),
            "static" => Some(Kind::Constant(name)),
            "use" => Some(Kind::Use(imports(&whole[length + 1..]))),
            "impl" => header(item, inner().unwrap_or_default()).map(Kind::Impl),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| !attributes.is_off) {
            found.items.push(Item {
                attributes,
                is_public,
                kind,
            });
        }
    }
    found
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn take_attributes<'t>(
    mut rest: &'t [TokenTree],
    of_item: &mut Attributes,
    of_module: &mut Attributes,
) -> &'t [TokenTree] {
    loop {
        match rest {
            [hash, TokenTree::Group(group), after @ ..] if is_mark(hash, '#') => {
                of_item.read(group.stream());
                rest = after;
            }
            [hash, mark, TokenTree::Group(group), after @ ..]
                if is_mark(hash, '#') && is_mark(mark, '!') =>
            {
                of_module.read(group.stream());
                rest = after;
            }
            _ => return rest,
        }
    }
}

impl Attributes {
    fn read(&mut self, attribute: TokenStream) {
        let tokens: Tokens = attribute.into_iter().collect();
        let (Some(TokenTree::Ident(name)), group) = (tokens.first(), tokens.get(1)) else {
            return;
        };
        let arguments = || match group {
            Some(TokenTree::Group(group)) => group.stream().into_iter().collect(),
            _ => Tokens::new(),
        };
        match &*name.to_string() {
            "stable" => self.is_stable = true,
            "unstable" => self.is_unstable = true,
            "cfg" => self.is_off |= !holds(&arguments()),
            "derive" => {
                let names = arguments();
                let names = names
                    .iter()
                    .filter(|token| matches!(token, TokenTree::Ident(_)));
                self.derives.extend(names.map(ToString::to_string));
            }
            _ => {}
        }
    }
}

/// Whether a condition holds on the machines that most readers have.
fn holds(condition: &[TokenTree]) -> bool {
    let [TokenTree::Ident(name), rest @ ..] = condition else {
        return true;
    };
    let name = name.to_string();
    let parts = || -> Vec<bool> {
        let Some(TokenTree::Group(group)) = rest.first() else {
            return Vec::new();
        };
        let tokens: Tokens = group.stream().into_iter().collect();
        let parts = tokens.split(|token| is_mark(token, ','));
        parts.filter(|part| !part.is_empty()).map(holds).collect()
    };
    match &*name {
        "not" => !parts().contains(&true),
        "all" => !parts().contains(&false),
        "any" => parts().contains(&true),
        "target_has_atomic_load_store" | "target_has_atomic" => {
            !rest.iter().any(|token| token.to_string() == "\"128\"")
        }
        "test" | "doc" | "doctest" | "bootstrap" | "feature" => false,
        name => !name.starts_with("no_"),
    }
}

fn take_visibility(rest: &[TokenTree]) -> (bool, &[TokenTree]) {
    match rest {
        [word, TokenTree::Group(group), after @ ..]
            if is_word(word, "pub") && group.delimiter() == Delimiter::Parenthesis =>
        {
            (false, after)
        }
        [word, after @ ..] if is_word(word, "pub") => (true, after),
        _ => (false, rest),
    }
}

/// A macro that is called where an item could be, or defined.
fn call(rest: &[TokenTree]) -> Option<(String, &proc_macro2::Group, &[TokenTree])> {
    let mark = rest.iter().position(|token| is_mark(token, '!'))?;
    let path = &rest[..mark];
    let is_path = path.iter().all(|token| {
        is_mark(token, ':') || matches!(token, TokenTree::Ident(word) if word != "impl")
    });
    if path.is_empty() || !is_path {
        return None;
    }
    let mut after = &rest[mark + 1..];
    let name = path.last()?.to_string();
    let is_definition = name == "macro_rules";
    if is_definition {
        after = after.get(1..)?;
    }
    let (TokenTree::Group(group), mut after) = after.split_first()? else {
        return None;
    };
    if after.first().is_some_and(|token| is_mark(token, ';')) {
        after = &after[1..];
    }
    Some((name, group, after))
}

/// How many words stand before an item's keyword, and whether it is a constant.
fn qualifiers(rest: &[TokenTree]) -> (usize, bool) {
    let words = [
        "unsafe", "async", "extern", "auto", "default", "safe", "const",
    ];
    let mut length = 0;
    loop {
        let Some(token) = rest.get(length) else {
            return (length, false);
        };
        let is_literal = matches!(token, TokenTree::Literal(_)) && length > 0;
        if !is_literal && !words.iter().any(|word| is_word(token, word)) {
            return (length, false);
        }
        length += 1;
        if is_word(token, "const") {
            let next = rest.get(length).map(ToString::to_string);
            let goes_on = ["unsafe", "async", "extern", "fn", "trait", "impl"];
            if !next.is_some_and(|next| goes_on.contains(&&*next)) {
                return (length, true);
            }
        }
    }
}

/// The reason for which a function's body refuses, if that is all it does.
fn refusal(body: &TokenTree) -> Option<String> {
    let TokenTree::Group(body) = body else {
        return None;
    };
    let tokens: Tokens = body.stream().into_iter().collect();
    let at = tokens.iter().position(|token| is_word(token, "refuse"))?;
    let (true, Some(TokenTree::Group(arguments))) = (at <= 3, tokens.get(at + 1)) else {
        return None;
    };
    let reason = arguments.stream().into_iter().next()?.to_string();
    let reason = reason.strip_prefix('"')?.strip_suffix('"')?;
    let lines = reason.split("\\\n").map(str::trim_start);
    Some(lines.collect())
}

fn constant_name(whole: &[TokenTree], length: usize) -> Option<String> {
    whole.get(length).map(ToString::to_string)
}

/// Where the next item starts.
fn end_of_item(rest: &[TokenTree], by_semicolon: bool) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !by_semicolon,
        token => is_mark(token, ';'),
    };
    let end = rest.iter().position(is_end);
    end.map_or(rest.len(), |end| end + 1)
}

/// Splits at commas that are in no angle brackets.
fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let depths = depths(tokens);
    let commas = (0..tokens.len()).filter(|&at| depths[at] == 0 && is_mark(&tokens[at], ','));
    let ends = commas.chain(iter::once(tokens.len()));
    let mut start = 0;
    let mut parts = Vec::new();
    for end in ends {
        parts.push(&tokens[start.min(end)..end]);
        start = end + 1;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// How many angle brackets are open around each token, itself not counted.
fn depths(tokens: &[TokenTree]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut depths = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_arrow = at > 0 && is_mark(&tokens[at - 1], '-');
        if is_mark(token, '>') && !is_arrow {
            depth = depth.saturating_sub(1);
        }
        depths.push(depth);
        if is_mark(token, '<') {
            depth += 1;
        }
    }
    depths
}

/// The tokens in the angle brackets that come first, and those behind.
fn angle(tokens: &[TokenTree]) -> (&[TokenTree], &[TokenTree]) {
    if !tokens.first().is_some_and(|token| is_mark(token, '<')) {
        return (&[], tokens);
    }
    let depths = depths(tokens);
    let end = (1..tokens.len()).find(|&at| depths[at] == 0 && is_mark(&tokens[at], '>'));
    let end = end.unwrap_or(tokens.len() - 1);
    (&tokens[1..end], &tokens[end + 1..])
}

fn generics(tokens: &[TokenTree]) -> Generics {
    let (parameters, _) = angle(tokens);
    let parameters = split(parameters);
    let needed = parameters.iter().filter(|parameter| {
        let is_lifetime = is_mark(&parameter[0], '\'');
        let depths = depths(parameter);
        let has_default =
            (0..parameter.len()).any(|at| depths[at] == 0 && is_mark(&parameter[at], '='));
        !is_lifetime && !has_default
    });
    Generics {
        types: needed.count(),
    }
}

fn header(item: &[TokenTree], body: Body) -> Option<Impl> {
    let end = item.len().min(end_of_item(item, false)).saturating_sub(1);
    let (_, rest) = angle(item.get(1..end)?);
    let depths = depths(rest);
    let at = |word: &str| {
        let mut places = 0..rest.len();
        places.find(|&at| {
            let opens = rest.get(at + 1).is_some_and(|next| is_mark(next, '<'));
            depths[at] == 0 && is_word(&rest[at], word) && !(word == "for" && opens)
        })
    };
    let end = at("where").unwrap_or(rest.len());
    let (of, to) = match at("for").filter(|&at| at < end) {
        Some(at) => (Some(&rest[..at]), &rest[at + 1..end]),
        None => (None, &rest[..end]),
    };
    let of = of.map(|of| {
        let negative = of.iter().any(|token| is_mark(token, '!'));
        let (path, arguments) = path(of);
        let name = path.last().cloned().unwrap_or_default();
        (if negative { String::new() } else { name }, arguments)
    });
    if of.as_ref().is_some_and(|(name, _)| name.is_empty()) {
        return None;
    }
    let is_reference = to.first().is_some_and(|token| is_mark(token, '&'));
    let is_mutable = to.iter().take(4).any(|token| is_word(token, "mut"));
    let (of, arguments) = of.unzip();
    Some(Impl {
        of,
        arguments: arguments.unwrap_or_default(),
        reference: match (is_reference, is_mutable) {
            (true, true) => "&mut ",
            (true, false) => "& ",
            (false, _) => "",
        },
        to: path(to).0,
        body,
    })
}

/// The names in a path, and how many types its last is given.
fn path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        match token {
            TokenTree::Ident(word) if ["mut", "const", "dyn"].contains(&&*word.to_string()) => {}
            TokenTree::Ident(word) => names.push(word.to_string()),
            // A lifetime.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => rest = &rest[1.min(rest.len())..],
            TokenTree::Punct(punct) if punct.as_char() == '<' => {
                let (arguments, _) = angle(&tokens[tokens.len() - rest.len() - 1..]);
                let types = split(arguments);
                let types = types.iter().filter(|part| !is_mark(&part[0], '\''));
                return (names, types.count());
            }
            _ => {}
        }
    }
    (names, 0)
}

fn imports(tokens: &[TokenTree]) -> Vec<Import> {
    let mut found = Vec::new();
    for part in split(tokens) {
        let mut path = Vec::new();
        let mut name = None;
        let mut rest = part;
        let mut is_whole = true;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = rest.first().map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inner: Tokens = group.stream().into_iter().collect();
                    found.extend(imports(&inner).into_iter().map(|import| Import {
                        path: [&*path, &*import.path].concat(),
                        name: import.name,
                    }));
                    is_whole = false;
                }
                token if is_mark(token, '*') => {
                    found.push(Import {
                        path: path.clone(),
                        name: None,
                    });
                    is_whole = false;
                }
                _ => {}
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if is_whole && let Some(last) = path.last().cloned() {
            let name = Some(name.unwrap_or(last));
            found.push(Import { path, name });
        }
    }
    found
}

/// What a macro makes of this. Where no pattern fits, what it repeats is taken
/// once, and names stay as they are.
fn expand(rules: &[(Tokens, Tokens)], given: &[TokenTree]) -> Tokens {
    let matched = rules
        .iter()
        .find_map(|(pattern, made)| Some((bind(pattern, given)?, made)));
    match (matched, rules.first()) {
        (Some((bound, made)), _) => transcribe(made, &bound),
        (None, Some((_, made))) => transcribe(made, &Bound::default()),
        (None, None) => Tokens::new(),
    }
}

/// What the names in a pattern stand for.
#[derive(Clone, Default)]
struct Bound {
    names: HashMap<String, Tokens>,
    /// For each repetition, what they stand for in each round.
    repeated: Vec<Vec<Bound>>,
}

fn bind(pattern: &[TokenTree], given: &[TokenTree]) -> Option<Bound> {
    let mut bound = Bound::default();
    let rest = bind_first(pattern, given, &mut bound)?;
    let is_whole = rest.iter().all(|token| is_mark(token, ','));
    is_whole.then_some(bound)
}

/// The same for as much as the pattern takes; returns the rest.
fn bind_first<'t>(
    mut pattern: &[TokenTree],
    mut given: &'t [TokenTree],
    bound: &mut Bound,
) -> Option<&'t [TokenTree]> {
    loop {
        match pattern {
            [] => return Some(given),
            [
                dollar,
                TokenTree::Ident(name),
                colon,
                TokenTree::Ident(kind),
                after @ ..,
            ] if is_mark(dollar, '$') && is_mark(colon, ':') => {
                let is_one = ["ident", "tt", "literal"].contains(&&*kind.to_string());
                let next = after.first().map(ToString::to_string);
                let end = given.iter().position(|token| match &next {
                    Some(next) => token.to_string() == *next,
                    None => is_mark(token, ',') || is_mark(token, ';'),
                });
                let length = if is_one {
                    1
                } else {
                    end.unwrap_or(given.len())
                };
                bound
                    .names
                    .insert(name.to_string(), given.get(..length)?.to_vec());
                (pattern, given) = (after, &given[length..]);
            }
            [dollar, TokenTree::Group(group), after @ ..] if is_mark(dollar, '$') => {
                let group: Tokens = group.stream().into_iter().collect();
                let mark = after
                    .iter()
                    .position(|token| ['*', '+', '?'].iter().any(|&mark| is_mark(token, mark)))?;
                let separator = after[..mark].first().map(ToString::to_string);
                let mut rounds = Vec::new();
                loop {
                    let mut round = Bound::default();
                    let rest = bind_first(&group, given, &mut round);
                    let Some(rest) = rest.filter(|rest| rest.len() < given.len()) else {
                        break;
                    };
                    rounds.push(round);
                    given = rest;
                    match (rest.first(), &separator) {
                        (Some(first), Some(separator)) if first.to_string() == *separator => {
                            given = &rest[1..];
                        }
                        (_, Some(_)) => break,
                        (_, None) => {}
                    }
                }
                bound.repeated.push(rounds);
                pattern = &after[mark + 1..];
            }
            [TokenTree::Group(group), after @ ..] => {
                let (TokenTree::Group(other), others) = given.split_first()? else {
                    return None;
                };
                let inner: Tokens = group.stream().into_iter().collect();
                let other: Tokens = other.stream().into_iter().collect();
                bind_first(&inner, &other, bound).filter(|rest| rest.is_empty())?;
                (pattern, given) = (after, others);
            }
            [token, after @ ..] => {
                let (first, others) = given.split_first()?;
                if first.to_string() != token.to_string() {
                    return None;
                }
                (pattern, given) = (after, others);
            }
        }
    }
}

fn transcribe(made: &[TokenTree], bound: &Bound) -> Tokens {
    let mut tokens = Tokens::new();
    let mut rest = made;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        match (token, after) {
            (dollar, [TokenTree::Ident(name), others @ ..]) if is_mark(dollar, '$') => {
                match bound.names.get(&name.to_string()) {
                    Some(value) => tokens.extend(value.iter().cloned()),
                    None => tokens.push(TokenTree::Ident(name.clone())),
                }
                rest = others;
            }
            (dollar, [TokenTree::Group(group), others @ ..]) if is_mark(dollar, '$') => {
                let inner: Tokens = group.stream().into_iter().collect();
                for round in rounds(&inner, bound) {
                    tokens.extend(transcribe(&inner, &round));
                }
                let mark = others
                    .iter()
                    .position(|token| ['*', '+', '?'].iter().any(|&mark| is_mark(token, mark)));
                rest = &others[mark.map_or(0, |mark| mark + 1)..];
            }
            (TokenTree::Group(group), _) => {
                let inner: Tokens = group.stream().into_iter().collect();
                let inner = transcribe(&inner, bound).into_iter().collect();
                let group = proc_macro2::Group::new(group.delimiter(), inner);
                tokens.push(TokenTree::Group(group));
            }
            _ => tokens.push(token.clone()),
        }
    }
    tokens
}

/// What the names stand for in each round of what is repeated: in the rounds
/// of that repetition in the pattern which has one of its names.
fn rounds(made: &[TokenTree], bound: &Bound) -> Vec<Bound> {
    let mut names = Vec::new();
    names_in(made, &mut names);
    let has_name = |round: &Bound| names.iter().any(|name| round.names.contains_key(name));
    let mut repetitions = bound.repeated.iter();
    match repetitions.find(|rounds| rounds.iter().any(has_name)) {
        Some(rounds) => {
            let merged = rounds.iter().map(|round| {
                let mut round = round.clone();
                for (name, value) in &bound.names {
                    round
                        .names
                        .entry(name.clone())
                        .or_insert_with(|| value.clone());
                }
                round
            });
            merged.collect()
        }
        // It is repeated no times, or nothing is known.
        None if bound.repeated.is_empty() => vec![bound.clone()],
        None => Vec::new(),
    }
}

fn names_in(made: &[TokenTree], names: &mut Vec<String>) {
    for (at, token) in made.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if at > 0 && is_mark(&made[at - 1], '$') => {
                names.push(name.to_string());
            }
            TokenTree::Group(group) => {
                let inner: Tokens = group.stream().into_iter().collect();
                names_in(&inner, names);
            }
            _ => {}
        }
    }
}
