//! What a notebook's cells have defined so far: items, imports, dependencies.
//!
//! The kernel keeps it as source text, since it serves two who can't give each
//! other anything else. A program is compiled with those definitions of earlier
//! cells that it names, and those that these name in turn; so it stays a process
//! of its own, and a program that needs nothing stays the very text it was. A
//! session is told what programs have defined once a cell names it, and what it
//! has lost when its process had to be started again.
//!
//! Names are compared, not resolved. Too much is harmless; where too little was
//! found (a method of an imported trait is called by no name of the `use`), the
//! program is compiled again with everything.

use crate::cell::pieces::{Kind, Piece, mentioned, pieces};
use crate::cell::split_commands;
use crate::origins::{At, Origins};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What cells have defined.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    /// In the order in which they were defined.
    all: Vec<Definition>,
    dependencies: BTreeMap<String, Dependency>,
    /// The session's variables and their types.
    variables: BTreeMap<String, String>,
    /// The last program, and its definitions.
    program: Option<(String, Vec<u64>)>,
    /// How many there have been.
    defined: u64,
}

#[derive(Clone, Debug)]
struct Definition {
    id: u64,
    kind: Kind,
    text: String,
    /// The names that it mentions.
    mentions: BTreeSet<String>,
    at: At,
    /// The session that knows it.
    known_to: Option<u64>,
}

/// What follows a `:dep`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dependency {
    /// The package, or what its `package` key says otherwise.
    pub(crate) name: String,
    /// As in a `Cargo.toml`.
    pub(crate) config: String,
    /// The session that knows it.
    known_to: Option<u64>,
}

/// A program as it is compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Composed {
    pub(crate) source: String,
    /// The names and the configuration of the packages that it asks for.
    pub(crate) dependencies: Vec<(String, String)>,
    pub(crate) origins: Origins,
}

impl Composed {
    /// A program without definitions of others.
    pub(crate) fn alone(source: &str) -> Composed {
        Composed {
            source: source.to_owned(),
            dependencies: Vec::new(),
            origins: Origins::default(),
        }
    }
}

impl Dependency {
    /// What a line asks for that begins with `:dep`; `None` for one that
    /// doesn't.
    pub(crate) fn read(line: &str) -> Option<Dependency> {
        let rest = line.trim().strip_prefix(":dep")?;
        if !rest.starts_with(char::is_whitespace) {
            return None;
        }
        let (name, config) = match rest.split_once('=') {
            Some((name, config)) => (name.trim(), config.trim().to_owned()),
            None => (rest.trim(), "\"*\"".to_owned()),
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let known_to = None;
        if !name.is_empty() && name.chars().all(is_name) {
            let (name, config) = (name.to_owned(), absolute(&config));
            return Some(Dependency {
                name,
                config,
                known_to,
            });
        }
        // A path: evcxr takes the package's name from its manifest.
        let folder = std::path::absolute(name).ok()?;
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let line = manifest
            .lines()
            .find(|line| line.trim_start().starts_with("name"))?;
        let name = line.split('"').nth(1)?.to_owned();
        let config = format!("{{ path = {} }}", quoted(&folder));
        Some(Dependency {
            name,
            config,
            known_to,
        })
    }

    /// What source text calls it.
    fn in_code(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// A path as a TOML string. JSON escapes the same characters in the same way, and
/// Rust doesn't.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.display().to_string()).to_string()
}

/// A configuration whose path means the same in every folder.
fn absolute(config: &str) -> String {
    let Some((before, rest)) = config.split_once("path") else {
        return config.to_owned();
    };
    let mut parts = rest.splitn(3, '"');
    let (Some(between), Some(path), Some(after)) = (parts.next(), parts.next(), parts.next())
    else {
        return config.to_owned();
    };
    match std::path::absolute(path) {
        Ok(path) if between.trim() == "=" => format!("{before}path = {}{after}", quoted(&path)),
        _ => config.to_owned(),
    }
}

/// The dependencies that the lines at a code's top ask for.
pub(crate) fn dependencies_of(code: &str) -> impl Iterator<Item = Dependency> {
    let (commands, _) = split_commands(code);
    commands.into_iter().filter_map(Dependency::read)
}

impl Definitions {
    /// Takes in what a cell of a session, or a program, defines. `session` is
    /// the session that knows it.
    pub(crate) fn define(&mut self, code: &str, cell: u32, session: Option<u64>) {
        if code.lines().any(|line| line.trim() == ":clear") {
            *self = Definitions::default();
        }
        for dependency in dependencies_of(code) {
            self.depend(dependency, session);
        }
        let (_, code) = split_commands(code);
        let new: Vec<Definition> = pieces(&code)
            .into_iter()
            .flat_map(|piece| self.read(&code, piece, cell, session))
            .collect();
        // What was said of a type in the cell of its old definition goes with it.
        let items: Vec<&str> = new.iter().filter_map(Definition::item).collect();
        let replaced = self
            .all
            .iter()
            .filter_map(|old| Some((old.item()?.to_owned(), old.at.cell)));
        let replaced: Vec<(String, u32)> = replaced
            .filter(|(name, _)| items.contains(&name.as_str()))
            .collect();
        self.all.retain(|old| {
            let goes = replaced
                .iter()
                .any(|(name, cell)| old.at.cell == *cell && old.is_impl_for(name));
            !goes && !new.iter().any(|new| new.replaces(old))
        });
        self.all.extend(new);
    }

    /// Adds a dependency.
    pub(crate) fn depend(&mut self, mut dependency: Dependency, session: Option<u64>) {
        dependency.known_to = session;
        self.dependencies
            .insert(dependency.name.clone(), dependency);
    }

    pub(crate) fn dependencies(&self) -> &BTreeMap<String, Dependency> {
        &self.dependencies
    }

    /// Takes back what was asked for since.
    pub(crate) fn set_dependencies(&mut self, dependencies: BTreeMap<String, Dependency>) {
        self.dependencies = dependencies;
    }

    /// Takes in a program that was built.
    pub(crate) fn define_program(&mut self, source: &str, cell: u32) {
        let before = self.defined;
        self.define(source, cell, None);
        self.program = Some((source.to_owned(), (before + 1..=self.defined).collect()));
    }

    /// The session's variables after a cell.
    pub(crate) fn set_variables(&mut self, variables: BTreeMap<String, String>) {
        self.variables = variables;
    }

    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The names of functions, types and so on, each with its cell.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&str, &'static str, u32)> {
        let named = self.all.iter().filter_map(|it| Some((it.item()?, it)));
        named.map(|(name, it)| (name, it.word(), it.at.cell))
    }

    /// The names of the packages that were asked for, as in source text.
    pub(crate) fn crates(&self) -> impl Iterator<Item = String> {
        self.dependencies.values().map(Dependency::in_code)
    }

    /// The program whose `main` was defined last.
    pub(crate) fn program(&self) -> Option<String> {
        let main = self.all.iter().find(|it| it.item() == Some("main"))?;
        if let Some((source, ids)) = &self.program
            && ids.contains(&main.id)
            && ids.iter().all(|id| self.all.iter().any(|it| it.id == *id))
        {
            return Some(source.clone());
        }
        Some(format!("{}\n", main.text))
    }

    /// The texts that a program may have to be compiled as, the first of which
    /// is to be tried first: with what it names, and with everything.
    pub(crate) fn compose(&self, source: &str) -> Vec<Composed> {
        let own = Own::of(source);
        let needed = self.needed(source, &own, &|_| true);
        let first = self.composed(source, &needed, false);
        let all: Vec<&Definition> = self.all.iter().filter(|it| !own.stands_for(it)).collect();
        let second = self.composed(source, &all, true);
        if first == second {
            return vec![first];
        }
        vec![first, second]
    }

    fn composed(&self, source: &str, definitions: &[&Definition], everything: bool) -> Composed {
        let mut text = source.to_owned();
        let mut origins = Origins::default();
        for definition in definitions {
            text += "\n#[allow(warnings)]\n";
            origins.add(&text, &definition.text, definition.at);
            text += &definition.text;
            text += "\n";
            if definition.word() == "macro" {
                // So that it is there from the first line on.
                let name = definition.item().unwrap_or_default();
                text += &format!("#[allow(warnings)]\nuse {name};\n");
            }
        }
        let names = mentioned(&text);
        let dependencies = self.dependencies.values();
        let dependencies = dependencies.filter(|it| everything || names.contains(&it.in_code()));
        Composed {
            source: text,
            dependencies: dependencies
                .map(|it| (it.name.clone(), it.config.clone()))
                .collect(),
            origins,
        }
    }

    /// What a session is to be told before it can run this code, if it lacks
    /// anything that the code names. `crates` are those that programs have
    /// without asking.
    pub(crate) fn missing(&self, code: &str, session: u64, crates: &[String]) -> Option<String> {
        let (_, code) = split_commands(code);
        let is_missing = |it: &Definition| it.known_to != Some(session);
        let definitions = self.needed(&code, &Own::of(&code), &is_missing);
        let texts: Vec<&str> = definitions.iter().map(|it| it.text.as_str()).collect();
        let text = texts.join("\n");
        let mut names = mentioned(&text);
        names.extend(mentioned(&code));
        let mut lines: Vec<String> = self
            .dependencies
            .values()
            .filter(|it| it.known_to != Some(session) && names.contains(&it.in_code()))
            .map(|it| format!(":dep {} = {}", it.name, it.config))
            .collect();
        let of_programs = crates.iter().filter(|name| {
            mentioned(&text).contains(*name) && !self.crates().any(|asked| asked == **name)
        });
        lines.extend(of_programs.map(|name| format!(":dep {} = \"*\"", name.replace('_', "-"))));
        if lines.is_empty() && definitions.is_empty() {
            return None;
        }
        lines.push(text);
        Some(lines.join("\n"))
    }

    /// The session has taken in what it was missing.
    pub(crate) fn told(&mut self, text: &str, session: u64) {
        for definition in &mut self.all {
            if text.contains(&definition.text) {
                definition.known_to = Some(session);
            }
        }
        for asked in dependencies_of(text) {
            self.depend(asked, Some(session));
        }
    }

    /// Which definitions a text needs, out of those that `may` be.
    fn needed(
        &self,
        source: &str,
        own: &Own,
        may: &dyn Fn(&Definition) -> bool,
    ) -> Vec<&Definition> {
        let mut names = mentioned(source);
        let mut items: BTreeSet<&str> = BTreeSet::new();
        let mut needed = vec![false; self.all.len()];
        loop {
            let mut grown = false;
            for (at, definition) in self.all.iter().enumerate() {
                let is_new = !needed[at] && may(definition) && !own.stands_for(definition);
                if is_new && definition.is_needed(&names, &items) {
                    needed[at] = true;
                    grown = true;
                    names.extend(definition.mentions.iter().cloned());
                    items.extend(definition.item());
                }
            }
            if !grown {
                break;
            }
        }
        let all = self.all.iter().zip(needed);
        all.filter_map(|(it, needed)| needed.then_some(it))
            .collect()
    }

    fn read(
        &mut self,
        code: &str,
        piece: Piece,
        cell: u32,
        session: Option<u64>,
    ) -> Vec<Definition> {
        let text = &code[piece.begins..piece.at.end];
        let at = At::of(cell, code, piece.begins);
        let pieces = match piece.kind {
            Kind::Attribute | Kind::CallOfMain | Kind::Statement => Vec::new(),
            // In a session it is a statement.
            Kind::MacroCall { .. } if session.is_some() => Vec::new(),
            Kind::Use(names) => {
                let one = |(name, path): (String, String)| {
                    let text = format!("use {path};");
                    (Kind::Use(vec![(name, path)]), text)
                };
                names.into_iter().map(one).collect()
            }
            kind => vec![(kind, text.replace("#[macro_export]", ""))],
        };
        pieces
            .into_iter()
            .map(|(kind, text)| {
                self.defined += 1;
                Definition {
                    id: self.defined,
                    kind,
                    mentions: mentioned(&text),
                    text,
                    at,
                    known_to: session,
                }
            })
            .collect()
    }
}

impl Definition {
    /// The one name of an item.
    fn item(&self) -> Option<&str> {
        match &self.kind {
            Kind::Item { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The name that another definition of it would replace.
    fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Item { name, .. } | Kind::ExternCrate { name, .. } => Some(name),
            Kind::Use(names) => {
                let name = names.first().map(|(name, _)| name.as_str());
                name.filter(|name| !["*", "_"].contains(name))
            }
            _ => None,
        }
    }

    /// What kind of item it is, as people say.
    fn word(&self) -> &'static str {
        const WORDS: [(&str, &str); 11] = [
            ("macro_rules", "macro"),
            ("fn", "fn"),
            ("struct", "struct"),
            ("enum", "enum"),
            ("trait", "trait"),
            ("union", "union"),
            ("mod", "mod"),
            ("type", "type"),
            ("const", "const"),
            ("static", "static"),
            ("use", "use"),
        ];
        let name = self.name().unwrap_or_default();
        let before = self.text.find(name).map_or("", |at| &self.text[..at]);
        let mut words = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_');
        let found = words.find_map(|word| WORDS.iter().find(|(known, _)| *known == word));
        found.map_or("", |(_, word)| word)
    }

    fn is_needed(&self, names: &BTreeSet<String>, items: &BTreeSet<&str>) -> bool {
        match &self.kind {
            Kind::Item { name, functions } => {
                names.contains(name) || functions.iter().any(|name| names.contains(name))
            }
            Kind::Use(found) => found.iter().any(|(name, _)| names.contains(name)),
            Kind::ExternCrate { name, .. } => names.contains(name),
            Kind::Impl { of, for_what } => {
                let mut head = of.iter().chain(for_what);
                head.any(|name| items.contains(name.as_str()))
            }
            // It defines something that nobody can tell.
            Kind::MacroCall { .. } => self
                .mentions
                .iter()
                .any(|name| names.contains(name) && name.chars().all(|c| !c.is_lowercase())),
            Kind::Attribute | Kind::CallOfMain | Kind::Statement => false,
        }
    }

    fn is_impl_for(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Impl { for_what, .. } => for_what.iter().any(|it| it == name),
            _ => false,
        }
    }

    /// Whether this takes the other's place.
    fn replaces(&self, old: &Definition) -> bool {
        match (&self.kind, &old.kind) {
            // A type can have several, in as many cells.
            (Kind::Impl { of, .. }, Kind::Impl { .. }) => {
                let same = !of.is_empty()
                    || self
                        .functions()
                        .any(|it| old.functions().any(|old| old == it));
                same && self.head() == old.head()
            }
            (Kind::MacroCall { .. }, Kind::MacroCall { .. }) => self.text == old.text,
            _ => match (self.name(), old.name()) {
                (Some(new), Some(old)) => new == old,
                _ => self.text == old.text,
            },
        }
    }

    fn functions(&self) -> impl Iterator<Item = &str> {
        let after_fn = self.text.split("fn ").skip(1);
        after_fn.filter_map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
    }

    /// The text of an `impl` up to its braces.
    fn head(&self) -> Vec<&str> {
        let head = self.text.split('{').next().unwrap_or_default();
        head.split_whitespace().collect()
    }
}

/// What a text defines itself.
struct Own {
    names: BTreeSet<String>,
}

impl Own {
    fn of(source: &str) -> Own {
        let mut names = BTreeSet::new();
        for piece in pieces(source) {
            match piece.kind {
                Kind::Item { name, .. } | Kind::ExternCrate { name, .. } => {
                    names.insert(name);
                }
                Kind::Use(found) => names.extend(found.into_iter().map(|(name, _)| name)),
                _ => {}
            }
        }
        Own { names }
    }

    /// Whether the text has its own in the place of an earlier definition.
    fn stands_for(&self, definition: &Definition) -> bool {
        match &definition.kind {
            Kind::Impl { of, for_what } => of
                .iter()
                .chain(for_what)
                .any(|name| self.names.contains(name)),
            _ => definition
                .name()
                .is_some_and(|name| self.names.contains(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cells: &[&str]) -> Definitions {
        let mut definitions = Definitions::default();
        for (cell, code) in (1..).zip(cells) {
            definitions.define(code, cell, Some(1));
        }
        definitions
    }

    fn composed(definitions: &Definitions, program: &str) -> String {
        definitions.compose(program)[0].source.clone()
    }

    #[test]
    fn a_program_that_needs_nothing_stays_as_it_is() {
        let definitions = after(&["fn f() {}", "let x = 1;"]);
        let program = "fn main() { let f = 1; g(f) }\nfn g(_: i32) {}\n";
        let own = "fn main() { f() }\nfn f() {}\n";
        assert_eq!(composed(&definitions, own), own);
        // A local variable of that name is no harm.
        assert!(composed(&definitions, program).starts_with(program));
        let other = "fn main() { println!(\"x\") }\n";
        assert_eq!(composed(&definitions, other), other);
    }

    #[test]
    fn what_is_named_comes_along_and_what_that_names() {
        let definitions = after(&[
            "use std::collections::{BTreeMap, HashMap};\nstruct A { b: B }\nstruct B;\nstruct C;",
            "impl A { fn new() -> A { let m: BTreeMap<u8, u8> = x!(); A { b: B } } }\nimpl C {}",
            "macro_rules! x { () => { Default::default() } }",
        ]);
        let text = composed(&definitions, "fn main() { A::new(); }\n");
        for needed in [
            "struct A",
            "struct B;",
            "impl A",
            "use std::collections::BTreeMap;",
            "use x;",
        ] {
            assert!(text.contains(needed), "{needed}: {text}");
        }
        for other in ["HashMap", "struct C", "impl C"] {
            assert!(!text.contains(other), "{other}: {text}");
        }
        // With everything, in case that was not enough.
        assert!(
            definitions.compose("fn main() { A::new(); }\n")[1]
                .source
                .contains("impl C")
        );
    }

    #[test]
    fn a_trait_comes_with_the_call_of_its_function() {
        let definitions = after(&[
            "trait Twice { fn twice(self) -> Self; }",
            "impl Twice for i32 { fn twice(self) -> i32 { 2 * self } }",
        ]);
        let text = composed(&definitions, "fn main() { 2.twice(); }\n");
        assert!(
            text.contains("trait Twice") && text.contains("for i32"),
            "{text}"
        );
    }

    #[test]
    fn the_last_definition_counts() {
        let mut definitions = after(&[
            "struct P { x: u8 }\nimpl P { fn old() {} }",
            "impl P { fn other() {} }",
            "const N: u8 = 1;",
            "impl P { fn again() -> u8 { 1 } }",
        ]);
        definitions.define(
            "struct P;\nimpl P { fn new() {} }\nimpl P { fn more() {} }",
            5,
            Some(1),
        );
        definitions.define("static N: u8 = 2;", 6, Some(1));
        definitions.define("impl P { fn again() -> u8 { 2 } }", 7, Some(1));
        let text = composed(&definitions, "fn main() { P; N; }\n");
        assert_eq!(text.matches("fn again").count(), 1, "{text}");
        for there in [
            "struct P;",
            "fn new()",
            "fn more()",
            "static N",
            "fn other()",
            "{ 2 }",
        ] {
            assert!(text.contains(there), "{there}: {text}");
        }
        assert!(
            !text.contains("fn old()") && !text.contains("const N"),
            "{text}"
        );
    }

    #[test]
    fn a_type_of_ones_own_takes_no_earlier_impl() {
        let definitions =
            after(&["struct P;\nimpl P {}\nimpl Drop for P { fn drop(&mut self) {} }"]);
        let program = "struct P { x: u8 }\nfn main() { P { x: 1 }; }\n";
        for composed in definitions.compose(program) {
            assert_eq!(composed.source, program);
        }
    }

    #[test]
    fn dependencies_come_along_when_they_are_named() {
        let definitions = after(&[
            ":dep rand = \"0.9\"\n:dep my-crate = { version = \"1\", features = [\"a\"] }\n:dep x\nuse rand::random;",
        ]);
        let composed = definitions.compose("fn main() { random::<u8>(); }\n");
        assert_eq!(
            composed[0].dependencies,
            [("rand".to_owned(), "\"0.9\"".to_owned())]
        );
        assert_eq!(composed[1].dependencies.len(), 3);
        let composed = definitions.compose("fn main() { my_crate::f(); }\n");
        assert_eq!(composed[0].dependencies[0].0, "my-crate");
        assert!(Dependency::read(":deps x").is_none());
        assert!(Dependency::read("dep x").is_none());
        let local = Dependency::read(":dep a = { path = \"b\" }").unwrap();
        assert!(local.config.starts_with("{ path = \"/"), "{}", local.config);
    }

    #[test]
    fn main_can_be_called_later() {
        let mut definitions = Definitions::default();
        assert_eq!(definitions.program(), None);
        let program = "use std::thread;\nfn main() { f() }\nfn f() { thread::yield_now() }\n";
        definitions.define_program(program, 1);
        assert_eq!(definitions.program().as_deref(), Some(program));
        definitions.define("fn f() { todo!() }", 2, Some(1));
        let main = definitions.program().unwrap();
        assert_eq!(main, "fn main() { f() }\n");
        assert!(composed(&definitions, &main).contains("todo!()"));
    }

    #[test]
    fn a_session_is_told_what_it_misses_once() {
        let mut definitions = Definitions::default();
        definitions.define_program(
            "use rand::random;\nfn main() {}\nfn f() -> u8 { random() }\n",
            1,
        );
        let rand = ["rand".to_owned()];
        assert_eq!(definitions.missing("let x = 1;", 1, &rand), None);
        let told = definitions.missing("f()", 1, &rand).unwrap();
        assert!(told.starts_with(":dep rand = \"*\"\n"), "{told}");
        assert!(
            told.contains("use rand::random;") && told.contains("fn f()"),
            "{told}"
        );
        assert!(!told.contains("main"), "{told}");
        definitions.told(&told, 1);
        assert_eq!(definitions.missing("f()", 1, &rand), None);
        // The next session knows nothing.
        assert!(definitions.missing("f()", 2, &rand).is_some());
        definitions.define(":clear", 3, Some(1));
        assert_eq!(definitions.missing("f()", 2, &rand), None);
    }
}
