//! Finds the stable public items of std's modules in its source.

use super::parse::{self, Body, Item, Kind};
use super::source::Source;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The modules of which the table tells.
pub const MODULES: [&str; 5] = ["sync", "thread", "time", "cell", "collections"];

/// An item that programs may use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicItem {
    /// As a program names it.
    pub path: String,
    /// What it is.
    pub what: What,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A module.
    Module,
    /// A type, with this many parameters that it must be given.
    Type(usize),
    /// A trait.
    Trait,
    /// A function that is no method.
    Function,
    /// A constant.
    Constant,
    /// A function of a type.
    Method {
        /// The type's path.
        of: String,
    },
    /// That a type has a trait.
    Impl {
        /// The type's path.
        of: String,
        /// What stands before the type: `&`, for one.
        reference: &'static str,
        /// The trait's name.
        name: String,
        /// How many types the trait is given.
        arguments: usize,
    },
}

/// Where an `impl` for a type of these modules may stand.
const IMPLEMENTED_IN: [(&str, &[&str]); 16] = [
    ("core", &["cell"]),
    ("core", &["sync"]),
    ("core", &["time"]),
    ("core", &["error"]),
    ("core", &["panic"]),
    ("core", &["mem"]),
    ("alloc", &["sync"]),
    ("alloc", &["task"]),
    ("alloc", &["collections"]),
    ("std", &["sync"]),
    ("std", &["thread"]),
    ("std", &["time"]),
    ("std", &["collections"]),
    ("std", &["panic"]),
    ("std", &["error"]),
    ("std", &["hash"]),
];

/// All of them, in order.
///
/// # Panics
/// If the source isn't std's.
pub fn items(source: &Source) -> Vec<PublicItem> {
    let scan = Scan {
        source,
        modules: RefCell::default(),
    };
    let mut found = BTreeSet::new();
    let mut types = BTreeMap::new();
    for name in MODULES {
        let place = scan.resolve(&Module::root("std"), name, &mut Vec::new());
        let Some(Definition::Module(module)) = place else {
            panic!("the source has no module std::{name}");
        };
        scan.list(&module, &format!("std::{name}"), &mut found, &mut types);
    }
    for (krate, path) in IMPLEMENTED_IN {
        let path = path.iter().map(|&name| name.to_owned()).collect();
        scan.implementations(&Module { krate, path }, &types, &mut found);
    }
    found.into_iter().collect()
}

/// A module's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Module {
    krate: &'static str,
    path: Vec<String>,
}

impl Module {
    fn root(krate: &'static str) -> Module {
        Module {
            krate,
            path: Vec::new(),
        }
    }

    fn child(&self, name: &str) -> Module {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Module {
            krate: self.krate,
            path,
        }
    }

    fn parent(&self) -> Module {
        let mut parent = self.clone();
        parent.path.pop();
        parent
    }
}

/// A module as far as it has been read.
#[derive(Debug)]
struct Loaded {
    body: Rc<Body>,
    /// Where the files of its own modules are.
    folder: String,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Definition {
    Module(Module),
    /// The item with this number.
    Item(Module, usize),
}

struct Scan<'s> {
    source: &'s Source,
    modules: RefCell<HashMap<Module, Option<Rc<Loaded>>>>,
}

impl Scan<'_> {
    fn load(&self, module: &Module) -> Option<Rc<Loaded>> {
        if let Some(loaded) = self.modules.borrow().get(module) {
            return loaded.clone();
        }
        let loaded = self.read(module).map(Rc::new);
        self.modules
            .borrow_mut()
            .insert(module.clone(), loaded.clone());
        loaded
    }

    fn read(&self, module: &Module) -> Option<Loaded> {
        let Some(name) = module.path.last() else {
            return Some(Loaded {
                body: Rc::new(parse::file(&self.source.read(module.krate, "lib.rs")?)?),
                folder: String::new(),
            });
        };
        let parent = self.load(&module.parent())?;
        let declared = parent.body.items.iter().find_map(|item| match &item.kind {
            Kind::Module(other, inner) if other == name => Some(inner),
            _ => None,
        });
        let folder = format!("{}{name}/", parent.folder);
        if let Some(inner) = declared? {
            return Some(Loaded {
                body: Rc::clone(inner),
                folder,
            });
        }
        let files = [
            format!("{}{name}.rs", parent.folder),
            format!("{folder}mod.rs"),
        ];
        let mut texts = files
            .iter()
            .filter_map(|file| self.source.read(module.krate, file));
        Some(Loaded {
            body: Rc::new(parse::file(&texts.next()?)?),
            folder,
        })
    }

    /// Runs `run` on what a module contains, be it in a file of its own or not.
    fn with<R>(&self, module: &Module, run: impl FnOnce(&Body) -> R) -> Option<R> {
        self.load(module).map(|loaded| run(&loaded.body))
    }

    /// What a name means in a module. `visited` ends circles.
    fn resolve(
        &self,
        module: &Module,
        name: &str,
        visited: &mut Vec<(Module, String)>,
    ) -> Option<Definition> {
        let here = (module.clone(), name.to_owned());
        if visited.contains(&here) {
            return None;
        }
        visited.push(here);
        let (own, imports) = self.with(module, |body| {
            let own = body
                .items
                .iter()
                .position(|item| name_of(item) == Some(name));
            let own = own.map(|number| match body.items[number].kind {
                Kind::Module(..) => Definition::Module(module.child(name)),
                _ => Definition::Item(module.clone(), number),
            });
            let imports: Vec<_> = body
                .items
                .iter()
                .filter_map(imports_of)
                .flatten()
                .cloned()
                .collect();
            (own, imports)
        })?;
        if own.is_some() {
            return own;
        }
        let mut by_name = imports
            .iter()
            .filter(|import| import.name.as_deref() == Some(name));
        let found = by_name.find_map(|import| self.follow(module, &import.path, visited));
        found.or_else(|| {
            let mut globs = imports.iter().filter(|import| import.name.is_none());
            globs.find_map(|import| match self.follow(module, &import.path, visited)? {
                Definition::Module(other) => self.resolve(&other, name, visited),
                Definition::Item(..) => None,
            })
        })
    }

    /// What a path means in a module.
    fn follow(
        &self,
        module: &Module,
        path: &[String],
        visited: &mut Vec<(Module, String)>,
    ) -> Option<Definition> {
        let (first, rest) = path.split_first()?;
        let mut at = match &**first {
            "crate" => Definition::Module(Module::root(module.krate)),
            "self" => Definition::Module(module.clone()),
            "super" => Definition::Module(module.parent()),
            "core" => Definition::Module(Module::root("core")),
            "alloc" | "alloc_crate" => Definition::Module(Module::root("alloc")),
            "std" => Definition::Module(Module::root("std")),
            name => self.resolve(module, name, visited)?,
        };
        for name in rest {
            at = match at {
                Definition::Module(module) if name == "super" => {
                    Definition::Module(module.parent())
                }
                Definition::Module(module) => self.resolve(&module, name, visited)?,
                Definition::Item(..) => return None,
            };
        }
        Some(at)
    }

    /// Lists what is public and stable in a module, as `path`.
    fn list(
        &self,
        module: &Module,
        path: &str,
        found: &mut BTreeSet<PublicItem>,
        types: &mut BTreeMap<Definition, String>,
    ) {
        found.insert(PublicItem {
            path: path.to_owned(),
            what: What::Module,
        });
        for definition in self.names(module) {
            self.list_one(
                &definition.1,
                &format!("{path}::{}", definition.0),
                found,
                types,
            );
        }
    }

    /// The stable names in a module, and what they mean.
    fn names(&self, module: &Module) -> Vec<(String, Definition)> {
        let entries = self.with(module, |body| {
            let public = body.items.iter().enumerate();
            let public = public.filter(|(_, item)| item.is_public && !item.attributes.is_unstable);
            let entries = public.map(|(number, item)| match &item.kind {
                Kind::Use(imports) => (None, imports.clone()),
                _ => (
                    name_of(item).map(|name| (number, name.to_owned())),
                    Vec::new(),
                ),
            });
            entries.collect::<Vec<_>>()
        });
        let mut names = Vec::new();
        for (own, imports) in entries.unwrap_or_default() {
            if let Some((_, name)) = own {
                let definition = self.resolve(module, &name, &mut Vec::new());
                names.extend(definition.map(|definition| (name, definition)));
            }
            for import in imports {
                let definition = self.follow(module, &import.path, &mut Vec::new());
                match (import.name, definition) {
                    (Some(name), Some(definition)) => names.push((name, definition)),
                    (None, Some(Definition::Module(other))) => names.extend(self.names(&other)),
                    _ => {}
                }
            }
        }
        names
    }

    fn list_one(
        &self,
        definition: &Definition,
        path: &str,
        found: &mut BTreeSet<PublicItem>,
        types: &mut BTreeMap<Definition, String>,
    ) {
        let (module, number) = match definition {
            Definition::Module(module) => {
                let is_unstable = self.with(module, |body| body.attributes.is_unstable);
                let declared = self.with(&module.parent(), |body| {
                    let mut items = body.items.iter();
                    let name = module.path.last().map(String::as_str);
                    items.any(|item| name_of(item) == name && item.attributes.is_unstable)
                });
                if is_unstable != Some(true) && declared != Some(true) {
                    self.list(module, path, found, types);
                }
                return;
            }
            Definition::Item(module, number) => (module, *number),
        };
        let item = self.with(module, |body| {
            let item = &body.items[number];
            let what = match &item.kind {
                Kind::Type(_, generics) => What::Type(generics.types),
                Kind::Trait(_) => What::Trait,
                Kind::Function(..) => What::Function,
                Kind::Constant(_) => What::Constant,
                Kind::Module(..) | Kind::Use(_) | Kind::Impl(_) => return None,
            };
            (!item.attributes.is_unstable).then(|| (what, item.attributes.derives.clone()))
        });
        let Some((what, derives)) = item.flatten() else {
            return;
        };
        if let What::Type(_) = what {
            let best = types
                .entry(definition.clone())
                .or_insert_with(|| path.to_owned());
            if path.len() < best.len() {
                *best = path.to_owned();
            }
            let derives = derives
                .into_iter()
                .filter(|name| name != "StructuralPartialEq");
            let derives = derives.map(|name| implementation(path, "", &name, 0));
            found.extend(derives);
        }
        found.insert(PublicItem {
            path: path.to_owned(),
            what,
        });
    }

    /// Lists what the types can do, as far as it is said in a module and those
    /// in it.
    fn implementations(
        &self,
        module: &Module,
        types: &BTreeMap<Definition, String>,
        found: &mut BTreeSet<PublicItem>,
    ) {
        let mut inner = Vec::new();
        self.with(module, |body| {
            for item in &body.items {
                match &item.kind {
                    Kind::Module(name, _) if name != "tests" => inner.push(module.child(name)),
                    Kind::Impl(implemented) if !item.attributes.is_unstable => {
                        let to = self.follow(module, &implemented.to, &mut Vec::new());
                        let Some(path) = to.and_then(|definition| types.get(&definition)) else {
                            continue;
                        };
                        if let Some(name) = &implemented.of {
                            // Others are std's own affair, and nobody can ask
                            // for `Drop`.
                            if !item.attributes.is_stable
                                || ["Drop", "ArcEqIdent"].contains(&&**name)
                            {
                                continue;
                            }
                            let (reference, arguments) =
                                (implemented.reference, implemented.arguments);
                            found.insert(implementation(path, reference, name, arguments));
                        } else {
                            found.extend(methods(path, &implemented.body));
                        }
                    }
                    _ => {}
                }
            }
        });
        for module in inner {
            self.implementations(&module, types, found);
        }
    }
}

fn implementation(of: &str, reference: &'static str, name: &str, arguments: usize) -> PublicItem {
    PublicItem {
        path: format!("{name} for {reference}{of}"),
        what: What::Impl {
            of: of.to_owned(),
            reference,
            name: name.to_owned(),
            arguments,
        },
    }
}

fn methods<'b>(path: &'b str, body: &'b Body) -> impl Iterator<Item = PublicItem> + 'b {
    let stable = body
        .items
        .iter()
        .filter(|item| item.is_public && item.attributes.is_stable && !item.attributes.is_unstable);
    stable.filter_map(move |item| match &item.kind {
        Kind::Function(name, _) | Kind::Constant(name) => Some(PublicItem {
            path: format!("{path}::{name}"),
            what: What::Method {
                of: path.to_owned(),
            },
        }),
        _ => None,
    })
}

fn name_of(item: &Item) -> Option<&str> {
    match &item.kind {
        Kind::Module(name, _)
        | Kind::Type(name, _)
        | Kind::Trait(name)
        | Kind::Function(name, _)
        | Kind::Constant(name) => Some(name),
        Kind::Use(_) | Kind::Impl(_) => None,
    }
}

fn imports_of(item: &Item) -> Option<&[parse::Import]> {
    match &item.kind {
        Kind::Use(imports) => Some(imports),
        _ => None,
    }
}
