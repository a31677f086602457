//! The rules, each a function from a crate to the places that break it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    imports::{Crate, Naming, Path},
    items::Item,
};

/// Names from one child of `parent` to another, with the two children.
fn between_children<'a>(
    namings: &'a [Naming],
    parent: &'a [&str],
) -> impl Iterator<Item = (&'a str, &'a str, &'a Naming)> {
    let child = move |path: &'a Path| {
        let is_inside = path.len() > parent.len() && path.iter().zip(parent).all(|(a, b)| a == b);
        is_inside.then(|| path[parent.len()].as_str())
    };
    namings.iter().flat_map(move |naming| {
        // A re-export leads further than the path says, so both ends count.
        let named = [Some(&naming.path), naming.owner.as_ref()];
        let from = child(&naming.from);
        let named: BTreeSet<_> = named.into_iter().flatten().filter_map(child).collect();
        let pairs = named
            .into_iter()
            .filter_map(move |to| Some((from?, to, naming)));
        pairs.filter(|(from, to, _)| from != to)
    })
}

fn shown(naming: &Naming) -> String {
    format!("{} names {}", naming.file, naming.path.join("::"))
}

/// Returns the names that lead upwards in `order`, which lists the children of `parent`, the lowest first,
/// and the children that it does not list.
pub fn upward(source: &Crate, parent: &[&str], order: &[&str]) -> Vec<String> {
    let height = |name: &str| order.iter().position(|listed| *listed == name);
    let modules = source.children(parent);
    let unlisted = modules.iter().filter(|child| height(child).is_none());
    let mut broken: Vec<_> = unlisted
        .map(|child| format!("{}::{child} has no place in the order", parent.join("::")))
        .collect();
    let namings = &source.namings;
    for (from, to, naming) in between_children(namings, parent) {
        let heights = height(from).zip(height(to));
        if heights.is_some_and(|(from, to)| from < to) {
            broken.push(format!("{}, but {from} is below {to}", shown(naming)));
        }
    }
    broken.sort();
    broken.dedup();
    broken
}

/// Returns the modules that reach one another through their siblings, for every module with children. A
/// child may name what its parent's file defines, and that file may name its children.
pub fn cycles(source: &Crate) -> Vec<String> {
    let namings = &source.namings;
    let mut broken = Vec::new();
    for parent in source.parents() {
        let parent: Vec<_> = parent.iter().map(String::as_str).collect();
        let mut edges: BTreeMap<&str, BTreeMap<&str, &Naming>> = BTreeMap::new();
        let modules = source.children(&parent);
        for (from, to, naming) in between_children(namings, &parent) {
            if modules.contains(from) && modules.contains(to) {
                edges.entry(from).or_default().entry(to).or_insert(naming);
            }
        }
        for (from, targets) in &edges {
            for (to, naming) in targets {
                if reaches(&edges, to, from) {
                    let by = shown(naming);
                    broken.push(format!("{by}, and {to} leads back to {from}"));
                }
            }
        }
    }
    broken
}

fn reaches(edges: &BTreeMap<&str, BTreeMap<&str, &Naming>>, from: &str, to: &str) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(next) = waiting.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(edges.get(next).into_iter().flat_map(BTreeMap::keys));
        }
    }
    false
}

/// Returns the names of other crates outside the places that may name them: `may` lists the beginning of a
/// crate's name with the beginnings of the files' paths.
pub fn foreign(source: &Crate, may: &[(&str, &[&str])]) -> Vec<String> {
    let namings = &source.namings;
    let broken = namings.iter().filter(|naming| {
        let mut rules = may.iter();
        rules.any(|(name, places)| {
            let is_at = |place: &&str| naming.file.starts_with(place);
            naming.path[0].starts_with(name) && !places.iter().any(is_at)
        })
    });
    let broken: BTreeSet<_> = broken.map(shown).collect();
    broken.into_iter().collect()
}

/// Returns the names that more than one public type has.
pub fn twins(source: &Crate) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in source.items.types.iter().filter(|item| item.is_public) {
        found.entry(&item.name).or_default().insert(&item.file);
    }
    found.retain(|_, files| files.len() > 1);
    let broken = found.into_iter().map(|(name, files)| {
        let files: Vec<_> = files.into_iter().collect();
        format!("{name} is a public type of {}", files.join(" and of "))
    });
    broken.collect()
}

/// Returns the inherent `impl`s that stand neither in the module of their type nor within it, but for files
/// whose path begins with one of `exempt`.
pub fn strayed(source: &Crate, exempt: &[&str]) -> Vec<String> {
    let impls = source.items.impls.iter();
    let strayed = impls.filter(|item| {
        let mut types = source.items.types.iter();
        !exempt.iter().any(|place| item.file.starts_with(place))
            && !types.any(|it| it.name == item.name && item.module.starts_with(&it.module))
    });
    let broken = strayed.map(|Item { file, name, .. }| {
        format!("{file} has an inherent impl of {name}, but not the type")
    });
    broken.collect()
}

/// Returns the functions whose error is a `String`, in files whose path begins with one of `places`, that
/// another module of the crate's root names, or names the type or trait of.
pub fn stringly(source: &Crate, places: &[&str]) -> Vec<String> {
    let crossing = source.namings.iter().filter_map(|naming| {
        let owner = naming.owner.as_ref()?;
        let crosses = naming.from.get(1) != owner.get(1);
        crosses.then_some((owner, naming.item.as_ref()?))
    });
    let crossing: BTreeSet<_> = crossing.collect();
    let broken = source.items.stringly.iter().filter(|(item, _)| {
        let is_there = places.iter().any(|place| item.file.starts_with(place));
        is_there && crossing.contains(&(&item.module, &item.name))
    });
    let broken = broken
        .map(|(item, function)| format!("{}: the error of {function} is a String", item.file));
    broken.collect()
}

/// Returns the files of more than `limit` lines.
pub fn long(sources: &[(String, String)], limit: usize) -> Vec<String> {
    let lines = sources
        .iter()
        .map(|(path, text)| (path, text.lines().count()));
    let broken = lines.filter(|(_, lines)| *lines > limit);
    broken
        .map(|(path, lines)| format!("{path} has {lines} lines"))
        .collect()
}

/// Returns the files `x.rs` that stand beside a folder `x`: a module with files of its own is `x/mod.rs`.
pub fn beside_folders(sources: &[(String, String)]) -> Vec<String> {
    let paths = sources.iter().map(|(path, _)| path);
    let broken = paths.filter(|path| {
        let folder = path.replace(".rs", "/");
        sources.iter().any(|(other, _)| other.starts_with(&folder))
    });
    broken
        .map(|path| format!("{path} stands beside a folder of its name"))
        .collect()
}
