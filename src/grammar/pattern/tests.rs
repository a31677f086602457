use regex::Regex;

use super::translated;

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(&translated(pattern).unwrap())
        .unwrap()
        .is_match(text)
}

#[test]
fn signs_have_their_ecma_262_meaning() {
    for (pattern, text, fits) in [
        (r"^\d+$", "12", true),
        (r"^\d+$", "١٢", false),
        (r"^\w$", "é", false),
        (r"^\s$", "\u{feff}", true),
        (r"^\s$", "\u{85}", false),
        (r"^[\S]$", "\u{85}", true),
        (r"^.$", "\r", false),
        (r"^.$", "\u{2028}", false),
        (r"^[^]$", "\n", true),
        (r"^[a&&b]+$", "a&b", true),
        (r"^[+--z]+$", ",z", true),
        (r"^[[a]$", "[", true),
        (r"^[a[]$", "[", true),
        (r"^[\w-]+$", "a-b", true),
        (r"^[\w-.]+$", "a-.", true),
        (r"^[+--]+$", "+,-", true),
        (r"^[a-c--.]+$", "b-.", true),
        (r"^[~~]$", "~", true),
        (r"^[\b]$", "\u{8}", true),
        (r"^\cA\x41\u0042\u{43}\0$", "\u{1}ABC\0", true),
        (r"^\ud83d\ude00$", "😀", true),
        (r"^[\u{1f600}-\u{1f64f}]$", "😀", true),
        (r"^a{b$", "a{b", true),
        (r"^a{2,3}?$", "aaa", true),
        (r"^a{2,3}$", "aaaa", false),
        (r"^(?<stop>ab)c$", "abc", true),
        (r"^(?P<year>\d{4})$", "2024", true),
        (r"^(?i)ab$", "AB", true),
        (r"^\p{Lu}\P{Lu}$", "Éa", true),
        (r"^\p{Script=Greek}$", "α", true),
        (r"^a/b\/c\-d$", "a/b/c-d", true),
        (r"^]}#&~ $", "]}#&~ ", true),
        ("^a\nb$", "a\nb", true),
        (r"^$", "\n", false),
        (r"a|^b$", "xa", true),
    ] {
        assert_eq!(matches(pattern, text), fits, "{pattern} {text:?}");
    }
}

#[test]
fn ambiguous_and_empty_constructs_are_refused() {
    for pattern in [
        "[[:alpha:]]",
        "[a[:digit:]]",
        r"\A",
        r"\Z",
        r"\z",
        r"\h",
        r"\Q",
        r"\pL",
        r"a{,3}",
        "a++",
        "a**",
        "*",
        "(*)",
        "(?x)a",
        "(?s:.)",
        "(?m)^a",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?>a)",
        r"(a)\1",
        r"\k<a>",
        r"\bword\b",
        r"\B",
        "[]",
        "[b-a]",
        "[a",
        "(?",
        "\\",
        r"\u12",
        r"\ud83d",
        r"\x4",
        r"\c1",
        r"\p{}",
        r"\p",
        "^*",
        "|+",
    ] {
        assert!(
            translated(pattern).is_err(),
            "{pattern} {:?}",
            translated(pattern)
        );
    }
    let reason = translated("^[[:alpha:]]+$").unwrap_err();
    assert!(reason.contains("[:alpha:]"), "{reason}");
}
