//! The items of files: types, their `impl`s, and public functions.

use super::imports::Path;

/// The items of a crate.
#[derive(Default)]
pub struct Items {
    /// Structs, enums, traits and other names of types.
    pub types: Vec<Item>,
    /// Inherent `impl`s, by the name of their type.
    pub impls: Vec<Item>,
    /// Public functions whose error is a `String`, by the name that leads to each: its own, or that of its
    /// type or trait.
    pub stringly: Vec<(Item, String)>,
}

/// An item.
pub struct Item {
    /// The file that it stands in.
    pub file: String,
    /// The module of that file.
    pub module: Path,
    /// Its name.
    pub name: String,
    /// Whether it is `pub` without a restriction.
    pub is_public: bool,
}

impl Items {
    /// Adds the items of a file.
    pub fn add(&mut self, file: &str, module: &[String], syntax: &syn::File) {
        let new = |name: &syn::Ident, visibility: Option<&syn::Visibility>| Item {
            file: file.to_owned(),
            module: module.to_vec(),
            name: name.to_string(),
            is_public: visibility.is_none_or(is_public),
        };
        for item in &syntax.items {
            match item {
                syn::Item::Enum(item) => self.types.push(new(&item.ident, Some(&item.vis))),
                syn::Item::Struct(item) => self.types.push(new(&item.ident, Some(&item.vis))),
                syn::Item::Type(item) => self.types.push(new(&item.ident, Some(&item.vis))),
                syn::Item::Fn(item) if is_stringly(&item.sig) && is_public(&item.vis) => {
                    let name = &item.sig.ident;
                    self.stringly.push((new(name, None), name.to_string()));
                }
                syn::Item::Trait(item) => {
                    self.types.push(new(&item.ident, Some(&item.vis)));
                    for function in &item.items {
                        if let syn::TraitItem::Fn(function) = function
                            && is_stringly(&function.sig)
                        {
                            let function = function.sig.ident.to_string();
                            self.stringly.push((new(&item.ident, None), function));
                        }
                    }
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    let Some(name) = name_of(&item.self_ty) else {
                        continue;
                    };
                    self.impls.push(new(name, None));
                    for function in &item.items {
                        if let syn::ImplItem::Fn(function) = function
                            && is_stringly(&function.sig)
                            && is_public(&function.vis)
                        {
                            let function = function.sig.ident.to_string();
                            self.stringly.push((new(name, None), function));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

/// The last name of a type that is a path.
fn name_of(named: &syn::Type) -> Option<&syn::Ident> {
    match named {
        syn::Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Returns whether a function answers with `Result<_, String>`.
fn is_stringly(function: &syn::Signature) -> bool {
    let syn::ReturnType::Type(_, output) = &function.output else {
        return false;
    };
    let syn::Type::Path(path) = &**output else {
        return false;
    };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    let error = arguments.args.iter().nth(1);
    let is_string = error.is_some_and(|error| match error {
        syn::GenericArgument::Type(error) => name_of(error).is_some_and(|name| name == "String"),
        _ => false,
    });
    last.ident == "Result" && is_string
}
