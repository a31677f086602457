use super::*;

const KINDS: [&str; 6] = [
    "baseline",
    "restarts",
    "progressive",
    "progressive-restarts",
    "grey",
    "cmyk",
];

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/");
    std::fs::read(format!("{folder}{name}.jpg")).unwrap()
}

fn check(file: &[u8]) -> Result<(), DecodeError> {
    check_whole(file, |_, _| Ok(()))
}

fn is_broken(file: &[u8]) -> bool {
    matches!(check(file), Err(DecodeError::Broken(_)))
}

/// Returns the offset of the first marker of that kind.
fn find(file: &[u8], marker: u8) -> usize {
    file.windows(2)
        .position(|two| two == [0xff, marker])
        .unwrap()
}

#[test]
fn whole_files_of_every_kind_pass() {
    for name in KINDS {
        assert_eq!(check(&file(name)), Ok(()), "{name}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for name in KINDS {
        let whole = file(name);
        // Without the end marker every block is still there, and the last bits may be padding.
        for length in 2..whole.len() - 3 {
            assert!(is_broken(&whole[..length]), "{name} cut to {length} bytes");
        }
        assert_eq!(
            check(&whole[..whole.len() - 2]),
            Ok(()),
            "{name} without its end"
        );
    }
}

#[test]
fn a_cut_file_is_refused_even_with_an_end_marker() {
    for name in KINDS {
        let whole = file(name);
        let start = find(&whole, 0xda) + 20;
        for length in (start..whole.len() - 12).step_by(7) {
            let ended = [&whole[..length], &[0xff, 0xd9]].concat();
            let is_at_a_scan = name.starts_with("progressive") && check(&ended).is_ok();
            // A progressive file may leave out the last bits.
            assert!(
                is_broken(&ended) || is_at_a_scan,
                "{name} cut to {length} bytes"
            );
        }
    }
}

#[test]
fn a_progressive_file_is_whole_once_its_brightness_is_complete() {
    for name in ["progressive", "progressive-restarts"] {
        let whole = file(name);
        let starts = whole.windows(2).enumerate();
        let starts = starts.filter(|(_, two)| *two == [0xff, 0xda]);
        let starts: Vec<_> = starts.map(|(at, _)| at).collect();
        assert_eq!(starts.len(), 10, "{name}");
        for (scans, start) in starts.iter().enumerate() {
            let ended = [&whole[..*start], &[0xff, 0xd9]].concat();
            // The seventh scan brings the last bit of the blocks' means, and all bands are there.
            assert_eq!(is_broken(&ended), scans < 7, "{name}, {scans} scans");
        }
    }
}

#[test]
fn zeros_in_place_of_data_are_refused() {
    for name in KINDS {
        let whole = file(name);
        for kept in [2, 3] {
            let mut padded = whole.clone();
            padded[whole.len() * kept / 4..].fill(0);
            assert!(is_broken(&padded), "{name}, {kept} quarters of it");
        }
    }
}

#[test]
fn most_holes_are_noticed() {
    let (mut holes, mut seen) = (0, 0);
    for name in ["baseline", "restarts", "grey"] {
        let whole = file(name);
        let start = find(&whole, 0xda) + 20;
        for (from, length) in (20..900).step_by(40).flat_map(|at| [(at, 30), (at, 200)]) {
            let rest = [&whole[..start + from], &whole[start + from + length..]].concat();
            holes += 1;
            seen += u32::from(is_broken(&rest));
        }
    }
    assert!(seen * 10 >= holes * 8, "{seen} of {holes}");
}

#[test]
fn data_after_the_end_is_ignored() {
    for name in KINDS {
        let whole = file(name);
        for tail in [&b"\0\0\0\0"[..], b"trailer", &whole, &whole[..300]] {
            assert_eq!(check(&[&whole, tail].concat()), Ok(()), "{name}");
        }
    }
}

#[test]
fn padding_before_a_marker_and_before_the_end_is_allowed() {
    let whole = file("baseline");
    let table = find(&whole, 0xc4);
    let mut padded = whole.clone();
    padded.splice(table..table, [0xff, 0xff]);
    let end = padded.len() - 2;
    padded.splice(end..end, [0, 0, 0, 0xff]);
    assert_eq!(check(&padded), Ok(()));
}

#[test]
fn unsupported_kinds_are_named() {
    for (marker, name) in [
        (0xc3, "a lossless JPEG"),
        (0xc5, "a hierarchical JPEG"),
        (0xc9, "an arithmetic-coded JPEG"),
        (0xca, "an arithmetic-coded JPEG"),
        (0xf7, "a lossless (JPEG-LS) JPEG"),
    ] {
        let mut other = file("baseline");
        let frame = find(&other, 0xc0);
        other[frame + 1] = marker;
        assert_eq!(
            check(&other),
            Err(DecodeError::Unsupported(name.to_owned()))
        );
    }
    let mut deep = file("baseline");
    let frame = find(&deep, 0xc0);
    deep[frame + 4] = 12;
    let named = DecodeError::Unsupported("a 12-bit JPEG".to_owned());
    assert_eq!(check(&deep), Err(named));
    let mut late = file("baseline");
    late[frame + 5..frame + 7].fill(0);
    assert!(matches!(check(&late), Err(DecodeError::Unsupported(_))));
}

#[test]
fn the_size_is_checked_before_anything_is_unpacked() {
    let whole = file("baseline");
    let refused = check_whole(&whole[..find(&whole, 0xda)], |width, height| {
        Err(DecodeError::TooNarrow {
            width,
            height,
            limit: 1.0,
        })
    });
    let size = DecodeError::TooNarrow {
        width: 85,
        height: 59,
        limit: 1.0,
    };
    assert_eq!(refused, Err(size));
}

proptest::proptest! {
    #[test]
    fn no_damage_makes_it_panic(
        kind in 0..KINDS.len(),
        at: proptest::sample::Index,
        bytes: [u8; 3],
    ) {
        let mut damaged = file(KINDS[kind]);
        let at = at.index(damaged.len() - 3);
        damaged[at..at + 3].copy_from_slice(&bytes);
        let _ = check(&damaged);
    }
}
