//! Reads what the files of a crate name: by `use`, by paths in code, and by paths in the tokens of macros
//! and attributes. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::items::Items;

/// The segments of a path: `crate` or the name of another crate first.
pub type Path = Vec<String>;

/// A name that stands in a file.
#[derive(Debug, Clone)]
pub struct Naming {
    /// The file.
    pub file: String,
    /// The module that names.
    pub from: Path,
    /// The path as the file gives it, from the crate's root.
    pub path: Path,
    /// The module of this crate that defines what is named, behind all re-exports.
    pub owner: Option<Path>,
    /// The name of the item there; `None` for the module itself.
    pub item: Option<String>,
}

/// What a crate's files say, their tests left out.
pub struct Crate {
    /// Every name in every file.
    pub namings: Vec<Naming>,
    /// Every item in every file.
    pub items: Items,
    scopes: BTreeMap<Path, Scope>,
}

/// The names that a module gives to its children and its imports.
#[derive(Default)]
struct Scope {
    children: BTreeSet<String>,
    imports: BTreeMap<String, Path>,
}

impl Crate {
    /// Parses files, each a path below `src` and a text.
    pub fn parse(files: &[(String, String)]) -> Self {
        let files = files.iter().map(|(path, text)| {
            let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            (path, module_of(path), syntax)
        });
        let files: Vec<_> = files.collect();
        let mut declarations = Declarations::default();
        for (_, module, syntax) in &files {
            declarations.module.clone_from(module);
            declarations.scopes.entry(module.clone()).or_default();
            declarations.visit_file(syntax);
        }
        let mut read = Self {
            namings: Vec::new(),
            items: Items::default(),
            scopes: declarations.scopes,
        };
        for (path, module, syntax) in &files {
            let mut tests = declarations.tests.iter();
            if !tests.any(|test| module.starts_with(test)) {
                read.items.add(path, module, syntax);
                read.add_namings(path, module, syntax);
            }
        }
        read
    }

    fn add_namings(&mut self, file: &str, module: &[String], syntax: &syn::File) {
        let mut reader = Reader {
            source: self,
            module: module.to_vec(),
            paths: Vec::new(),
        };
        reader.visit_file(syntax);
        let namings = reader.paths.into_iter().map(|(from, path)| {
            let (owner, item) = self.definition(&path).unzip();
            Naming {
                file: file.to_owned(),
                from,
                path,
                owner,
                item: item.flatten(),
            }
        });
        let namings: Vec<_> = namings.collect();
        self.namings.extend(namings);
    }

    /// The modules within `parent`.
    pub fn children(&self, parent: &[&str]) -> BTreeSet<&str> {
        let parent: Path = parent.iter().map(|&name| name.to_owned()).collect();
        let children = self.scopes.get(&parent).into_iter();
        let children = children.flat_map(|scope| &scope.children);
        children.map(String::as_str).collect()
    }

    /// The modules that have modules within them.
    pub fn parents(&self) -> impl Iterator<Item = &Path> {
        let parents = self.scopes.iter();
        let parents = parents.filter(|(_, scope)| !scope.children.is_empty());
        parents.map(|(module, _)| module)
    }

    /// Puts a path as `module` writes it into a path from the root. `None` for a local name.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        let scope = self.scopes.get(module);
        let import = scope.and_then(|scope| scope.imports.get(first));
        let base = match (first.as_str(), import) {
            ("Self", _) => return None,
            ("crate", _) => vec![first.clone()],
            ("self", _) => module.to_vec(),
            ("super", _) => {
                let (_, parent) = module.split_last()?;
                let is_higher = rest.first().is_some_and(|next| next == "super");
                return if is_higher {
                    self.absolute(parent, rest)
                } else {
                    Some([parent, rest].concat())
                };
            }
            // `use a::b` gives `b`; a name that imports itself is another crate's.
            (_, Some(import)) if import.first() != Some(first) => self
                .absolute(module, import)
                .unwrap_or_else(|| import.clone()),
            (_, Some(import)) if !self.is_child(module, first) => import.clone(),
            _ if self.is_child(module, first) => [module, std::slice::from_ref(first)].concat(),
            _ if rest.is_empty() => return None,
            _ => vec![first.clone()],
        };
        Some([&base, rest].concat())
    }

    fn is_child(&self, module: &[String], name: &str) -> bool {
        let scope = self.scopes.get(module);
        scope.is_some_and(|scope| scope.children.contains(name))
    }

    /// The module that defines what a path from the root names, and the name of the item there.
    fn definition(&self, path: &[String]) -> Option<(Path, Option<String>)> {
        let mut path = path.to_vec();
        for _ in 0..16 {
            if path.first().is_none_or(|first| first != "crate") {
                return None;
            }
            let is_module = |length: &usize| self.scopes.contains_key(&path[..*length]);
            let length = (1..=path.len()).rev().find(is_module)?;
            let (module, rest) = path.split_at(length);
            let import = rest
                .first()
                .and_then(|name| self.scopes[module].imports.get(name));
            let Some(import) = import else {
                return Some((module.to_vec(), rest.first().cloned()));
            };
            path = [self.absolute(module, import)?, rest[1..].to_vec()].concat();
        }
        None
    }
}

/// The module of a file: `src/hub/mod.rs` is `crate::hub`.
fn module_of(file: &str) -> Path {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module = vec!["crate".to_owned()];
    module.extend(inner.split('/').map(str::to_owned));
    module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    module
}

/// Collects the modules and imports of files.
#[derive(Default)]
struct Declarations {
    module: Path,
    scopes: BTreeMap<Path, Scope>,
    tests: Vec<Path>,
}

impl Visit<'_> for Declarations {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        let mut inner = self.module.clone();
        inner.push(name.clone());
        if is_test(&item.attrs) {
            self.tests.push(inner);
            return;
        }
        let scope = self.scopes.entry(self.module.clone()).or_default();
        scope.children.insert(name);
        self.scopes.entry(inner).or_default();
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if is_test(&item.attrs) {
            return;
        }
        let scope = self.scopes.entry(self.module.clone()).or_default();
        for (name, path) in leaves(&item.tree) {
            scope.imports.insert(name, path);
        }
    }
}

/// Collects the paths in a file, each with the module that it stands in.
struct Reader<'a> {
    source: &'a Crate,
    module: Path,
    paths: Vec<(Path, Path)>,
}

impl Reader<'_> {
    fn add(&mut self, path: &[String]) {
        if let Some(path) = self.source.absolute(&self.module, path) {
            self.paths.push((self.module.clone(), path));
        }
    }

    /// Adds what looks like a path: names with `::` between them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.add(&std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.add(&std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add(&path);
    }
}

impl Visit<'_> for Reader<'_> {
    fn visit_item(&mut self, item: &syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        for (_, path) in leaves(&item.tree) {
            let path = self.source.absolute(&self.module, &path).unwrap_or(path);
            self.paths.push((self.module.clone(), path));
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Path = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_meta_list(&mut self, list: &syn::MetaList) {
        self.add_tokens(list.tokens.clone());
        visit::visit_meta_list(self, list);
    }
}

/// The leaves of a `use`: the name that each gets, and its path as written.
fn leaves(tree: &syn::UseTree) -> Vec<(String, Path)> {
    let mut found = Vec::new();
    collect_leaves(tree, &[], &mut found);
    found
}

fn collect_leaves(tree: &syn::UseTree, prefix: &[String], found: &mut Vec<(String, Path)>) {
    let join = |name: String| [prefix, &[name]].concat();
    match tree {
        syn::UseTree::Path(path) => {
            collect_leaves(&path.tree, &join(path.ident.to_string()), found);
        }
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                collect_leaves(tree, prefix, found);
            }
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            let last = prefix.last().cloned().unwrap_or_default();
            found.push((last, prefix.to_vec()));
        }
        syn::UseTree::Name(name) => {
            let name = name.ident.to_string();
            found.push((name.clone(), join(name)));
        }
        syn::UseTree::Rename(rename) if rename.ident == "self" => {
            found.push((rename.rename.to_string(), prefix.to_vec()));
        }
        syn::UseTree::Rename(rename) => {
            let path = join(rename.ident.to_string());
            found.push((rename.rename.to_string(), path));
        }
        syn::UseTree::Glob(_) => found.push((format!("{}::*", prefix.join("::")), prefix.to_vec())),
    }
}

/// Returns whether `#[cfg(test)]` is among the attributes.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute.meta.require_list();
        attribute.path().is_ident("cfg")
            && condition.is_ok_and(|condition| condition.tokens.to_string() == "test")
    })
}
