#!/bin/sh
# hayro 0.9.0 (crates.io, its hayro-syntax): a page with /UserUnit 2 has the same dimensions as one without it,
# although each of its units is 2/72 inch by ISO 32000-1 (table 30, and 8.3.2.3). Plans, large prints and scans of
# more than 200 inches use it. A page rendered at a given number of dots per inch gets half of them. Expected:
# page.render_dimensions() in points. Seen:
#   /MediaBox [0 0 100 200]:               100 x 200
#   /MediaBox [0 0 100 200] /UserUnit 2:   100 x 200
# In the gateway: the unit is read from the page and counts for the limits of a page. Needs Rust.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
hayro-syntax = "=0.9.0"

[workspace]
TOML
cat >"$work/src/main.rs" <<'RUST'
use std::sync::Arc;

use hayro_syntax::Pdf;

fn pdf(entries: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 200] {entries} >>"),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let end = file.len();
    let trailer = "trailer << /Size 4 /Root 1 0 R >>";
    file.extend(format!("xref\n0 4\n{table}{trailer}\nstartxref\n{end}\n%%EOF\n").bytes());
    file
}

fn main() {
    for entries in ["", "/UserUnit 2"] {
        let pdf = Pdf::new(Arc::new(pdf(entries))).expect("a sound file");
        let (width, height) = pdf.pages()[0].render_dimensions();
        println!("{entries:>11}: {width} x {height}");
        if (width, height) != (100.0, 200.0) {
            eprintln!("this has changed");
            std::process::exit(1);
        }
    }
}
RUST
cd "$work"
cargo run --quiet --release
