//! Violations planted in small crates, each of which its rule finds.

use super::{imports::Crate, rules};

fn parse(files: &[(&str, &str)]) -> Crate {
    let files = files
        .iter()
        .map(|&(path, text)| (path.to_owned(), text.to_owned()));
    Crate::parse(&files.collect::<Vec<_>>())
}

/// A crate of these files, each a path below `src` and a text.
fn source(files: &[(&str, &str)]) -> Crate {
    let root = "pub mod low; pub mod high;";
    let files = [&[("src/lib.rs", root)], files].concat();
    parse(&files)
}

/// What the order `low`, `high` finds where `low` has that text.
fn upward(low: &str) -> Vec<String> {
    let high = "pub mod inner; pub use inner::Thing; pub fn go() {}";
    let files = [
        ("src/low.rs", low),
        ("src/high/mod.rs", high),
        ("src/high/inner.rs", "pub struct Thing;"),
    ];
    rules::upward(&source(&files), &["crate"], &["low", "high"])
}

#[test]
fn every_way_to_name_a_higher_module_is_found() {
    let ways = [
        "use crate::high::Thing;",
        "use crate::{high::{inner::{self, Thing}}};",
        "use super::high as above;",
        "use super::{high::*};",
        "fn go() { use crate::high; }",
        "fn go() { crate::high::go() }",
        "fn go() { super::high::inner::Thing; }",
        "fn go(thing: &crate::high::Thing) {}",
        "fn go() -> Vec<Option<super::high::Thing>> { vec![] }",
        "impl crate::high::Trait for u8 {}",
        "mod inner { fn go() { super::super::high::go() } }",
        "fn go() { println!(\"{:?}\", crate::high::go()) }",
        "fn go() { tokio::select! { () = a => { super::high::go() } } }",
        "#[serde(with = \"x\", from = crate::high::Thing)] struct A;",
        "macro_rules! go { () => { crate::high::go() } }",
        "use super as root; fn go() { root::high::go() }",
        "use crate as root; use root::high::go;",
        "#[cfg(not(test))] use crate::high;",
    ];
    for way in ways {
        assert!(!upward(way).is_empty(), "{way}");
    }
}

#[test]
fn what_is_no_name_of_a_higher_module_is_let_be() {
    let ways = [
        "// use crate::high;",
        "const A: &str = \"crate::high\";",
        "/// See [`crate::high`].\nstruct A;",
        "#[cfg(test)] mod tests { use crate::high; }",
        "#[cfg(test)] use crate::high;",
        "#[cfg(test)] mod tests;",
        "use high::Thing;",
        "fn go(high: u8) -> u8 { high }",
        "struct A { high: u8 }",
    ];
    for way in ways {
        assert_eq!(upward(way), [""; 0], "{way}");
    }
}

#[test]
fn a_re_export_leads_to_where_it_ends() {
    let files = [
        ("src/low.rs", "pub use crate::high::Thing;"),
        ("src/high.rs", "pub struct Thing;"),
        ("src/middle.rs", "use crate::low::Thing;"),
        ("src/lib.rs", "pub mod low; pub mod middle; pub mod high;"),
    ];
    let source = parse(&files);
    let broken = rules::upward(&source, &["crate"], &["low", "middle", "high"]);
    assert_eq!(
        broken,
        [
            "src/low.rs names crate::high::Thing, but low is below high",
            "src/middle.rs names crate::low::Thing, but middle is below high",
        ]
    );
}

#[test]
fn a_module_without_a_place_is_found() {
    let broken = rules::upward(&source(&[]), &["crate"], &["low"]);
    assert_eq!(broken, ["crate::high has no place in the order"]);
}

#[test]
fn cycles_of_files_are_found() {
    let high = ("src/high/mod.rs", "mod a; mod b; mod c; pub struct Shared;");
    let two = source(&[
        high,
        ("src/high/a.rs", "use super::b::B; pub struct A;"),
        ("src/high/b.rs", "pub struct B(super::a::A);"),
    ]);
    assert_eq!(
        rules::cycles(&two),
        [
            "src/high/a.rs names crate::high::b::B, and b leads back to a",
            "src/high/b.rs names crate::high::a::A, and a leads back to b",
        ]
    );
    let three = source(&[
        high,
        ("src/high/a.rs", "use super::{b::B, Shared};"),
        ("src/high/b.rs", "use super::c;"),
        ("src/high/c.rs", "fn go() { crate::high::a::go() }"),
    ]);
    assert_eq!(rules::cycles(&three).len(), 3);
    let modules = source(&[
        ("src/low.rs", "use crate::high;"),
        ("src/high/mod.rs", "use super::low;"),
    ]);
    assert_eq!(rules::cycles(&modules).len(), 2);
    let none = source(&[
        high,
        ("src/high/a.rs", "use super::{b::B, Shared};"),
        ("src/high/b.rs", "use super::{c, Shared};"),
        (
            "src/high/c.rs",
            "#[cfg(test)] mod tests { use crate::high::a; }",
        ),
    ]);
    assert_eq!(rules::cycles(&none), [""; 0]);
}

#[test]
fn another_crate_out_of_its_place_is_found() {
    let may: [(&str, &[&str]); 1] = [("axum", &["src/high"])];
    for text in [
        "use axum::http::HeaderValue;",
        "use {std::fmt, axum as web};",
        "fn go() -> axum::Router { todo!() }",
        "use axum_extra::extract::Query;",
        "fn go() { assert!(::axum::go()) }",
    ] {
        assert_eq!(
            rules::foreign(&source(&[("src/low.rs", text)]), &may).len(),
            1,
            "{text}"
        );
        assert_eq!(
            rules::foreign(&source(&[("src/high.rs", text)]), &may),
            [""; 0]
        );
    }
}

#[test]
fn idioms_that_are_broken_are_found() {
    let twins = source(&[
        ("src/low.rs", "pub struct Place; pub(super) struct Mine;"),
        ("src/high.rs", "pub enum Place {} pub struct Mine;"),
    ]);
    let broken = ["Place is a public type of src/high.rs and of src/low.rs"];
    assert_eq!(rules::twins(&twins), broken);
    let strayed = source(&[
        (
            "src/low.rs",
            "pub struct Place; impl Place {} impl Clone for Other {}",
        ),
        ("src/high.rs", "use crate::low::Place; impl Place {}"),
    ]);
    let broken = ["src/high.rs has an inherent impl of Place, but not the type"];
    assert_eq!(rules::strayed(&strayed, &[]), broken);
    let stringly = source(&[
        ("src/high.rs", "use crate::low::{A, B, one, two, three};"),
        (
            "src/low.rs",
            "pub fn one() -> Result<u8, String> {} fn two() -> Result<u8, String> {} \
         pub fn three() -> Result<String, u8> {} trait A { fn four() -> Result<(), String>; } pub struct B; \
             impl B { pub fn five(&self) -> Result<(), String> {} } \
             pub fn inner() -> Result<(), String> {}",
        ),
    ]);
    let broken = [
        "src/low.rs: the error of one is a String",
        "src/low.rs: the error of four is a String",
        "src/low.rs: the error of five is a String",
    ];
    assert_eq!(rules::stringly(&stringly, &["src/low"]), broken);
    let long = [("src/low.rs".to_owned(), "\n".repeat(3))];
    assert_eq!(rules::long(&long, 2), ["src/low.rs has 3 lines"]);
    assert_eq!(rules::long(&long, 3), [""; 0]);
    let beside = ["src/a.rs", "src/a/b.rs", "src/c.rs"];
    let beside = beside.map(|path| (path.to_owned(), String::new()));
    let broken = ["src/a.rs stands beside a folder of its name"];
    assert_eq!(rules::beside_folders(&beside), broken);
}
