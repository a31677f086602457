//! Holds docs/clients.md to the programs that it shows pieces of.

use std::fs;

/// Between the lines `snippet` and `end` of a client's program, its surroundings named as in the page.
fn snippet(program: &str) -> String {
    let lines = program
        .lines()
        .skip_while(|line| !line.ends_with(" snippet"));
    let within = lines.skip(1).take_while(|line| !line.ends_with(" end"));
    let text: Vec<_> = within.collect();
    text.join("\n")
        .trim_matches('\n')
        .replace("f\"{GATEWAY}", "\"http://localhost:8000")
        .replace("`${GATEWAY}`", "\"http://localhost:8000\"")
        .replace("`${GATEWAY}/v1`", "\"http://localhost:8000/v1\"")
        .replace("`${GATEWAY}/api/v1`", "\"http://localhost:8000/api/v1\"")
}

#[test]
fn the_clients_page_shows_what_is_tested() {
    let page = fs::read_to_string("docs/clients.md").unwrap();
    let mut shown = 0;
    for entry in fs::read_dir("tests/clients").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !page.contains(&format!("[{name}]")) {
            continue;
        }
        let snippet = snippet(&fs::read_to_string(&path).unwrap());
        assert!(snippet.lines().count() > 5, "{name} has no snippet");
        assert!(
            page.contains(&format!("\n{snippet}\n```")),
            "{name}:\n{snippet}"
        );
        shown += 1;
    }
    assert_eq!(shown, 8);
    assert_eq!(page.matches("\n```\n").count(), shown);
}
