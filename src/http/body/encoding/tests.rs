use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use proptest::prelude::*;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn plain_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Unpacks a body that arrives in pieces of `size`.
fn unpack(packed: &[u8], size: usize, coding: Coding) -> Result<Vec<u8>, String> {
    let pieces: Vec<_> = packed.chunks(size).map(<[u8]>::to_vec).collect();
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, io::Error>));
    let body = Body::from_stream(pieces).into_data_stream();
    let pieces = futures::executor::block_on(unpacked(body, coding).collect::<Vec<_>>());
    let mut all = Vec::new();
    for piece in pieces {
        all.extend_from_slice(&piece.map_err(|error| error.to_string())?);
    }
    Ok(all)
}

type Pack = fn(&[u8]) -> Vec<u8>;

const FORMS: [(Pack, Coding); 3] = [
    (gzip, Coding::Gzip),
    (zlib, Coding::Deflate),
    (plain_deflate, Coding::Deflate),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn compressed_bodies_are_unpacked(bytes: Vec<u8>, repeat in 0_usize..3000, size in 1_usize..9000) {
        let mut text = bytes;
        text.extend(std::iter::repeat_n(b'x', repeat * 40));
        for (pack, coding) in FORMS {
            prop_assert_eq!(&unpack(&pack(&text), size, coding).unwrap(), &text);
        }
    }

    #[test]
    fn a_body_cut_off_is_a_fault(bytes in prop::collection::vec(any::<u8>(), 1..300), cut in 1_usize..400) {
        for (pack, coding) in FORMS {
            let packed = pack(&bytes);
            let cut = cut.min(packed.len());
            prop_assert!(unpack(&packed[..packed.len() - cut], 100, coding).is_err());
        }
    }
}

#[test]
fn several_members_of_gzip_are_one_body() {
    let packed = [gzip(b"one "), gzip(b"two")].concat();
    for size in [1, 7, 1000] {
        assert_eq!(unpack(&packed, size, Coding::Gzip).unwrap(), b"one two");
    }
}

#[test]
fn bytes_after_the_end_are_a_fault() {
    for (pack, coding) in FORMS {
        let packed = [pack(b"body"), b"and more".to_vec()].concat();
        assert!(unpack(&packed, 1000, coding).is_err(), "{coding:?}");
        assert!(unpack(&packed, 1, coding).is_err(), "{coding:?}");
    }
}

#[test]
fn pieces_are_small_however_well_the_body_was_packed() {
    let zeros = vec![0; 64 << 20];
    for (pack, coding) in FORMS {
        let packed = pack(&zeros);
        let body = Body::from(packed).into_data_stream();
        let pieces = futures::executor::block_on(unpacked(body, coding).collect::<Vec<_>>());
        let longest = pieces
            .iter()
            .map(|piece| piece.as_ref().unwrap().len())
            .max();
        assert!(longest.unwrap() <= 1100 * STEP, "{longest:?}");
    }
}

#[test]
fn encodings_are_recognised() {
    let of = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        coding(&headers).map_err(|fault| (fault.status.as_u16(), fault.code))
    };
    for none in [&[][..], &["identity"], &[""], &["identity, Identity"]] {
        assert_eq!(of(none), Ok(None));
    }
    for gzip in [&["gzip"][..], &["GZIP"], &["x-gzip"], &["identity", "gzip"]] {
        assert_eq!(of(gzip), Ok(Some(Coding::Gzip)));
    }
    assert_eq!(of(&["deflate"]), Ok(Some(Coding::Deflate)));
    for other in [
        &["br"][..],
        &["zstd"],
        &["gzip, gzip"],
        &["gzip", "br"],
        &["\"gzip\""],
    ] {
        assert_eq!(of(other), Err((415, "unsupported_content_encoding")));
    }
}
