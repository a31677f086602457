//! The beginning of a GGUF file: the shape of the model's keys and values, among the facts that stand before its
//! tensors.

use std::io::{self, ErrorKind, Read};

use super::CacheShape;

/// The most facts that are read.
const MAX_FACTS: u64 = 100_000;
/// The longest name of a fact, and the longest text that is kept.
const MAX_TEXT: u64 = 1 << 16;
/// The most bytes of facts that are read, with the vocabulary among them.
const MAX_BYTES: u64 = 1 << 30;

/// The facts that tell the shape, whose names begin with the architecture.
#[derive(Default)]
struct Facts {
    layers: Option<u64>,
    heads: Option<u64>,
    kv_heads: Option<u64>,
    key_length: Option<u64>,
    width: Option<u64>,
    context: Option<u64>,
}

/// Returns the shape that the file states; `None` if it lacks a part of it.
///
/// # Errors
/// A file that is of another form, or that ends too early.
pub(super) fn shape(file: &mut impl Read) -> io::Result<Option<CacheShape>> {
    let mut file = file.take(MAX_BYTES);
    let mut magic = [0; 4];
    file.read_exact(&mut magic)?;
    // Version 1 had shorter lengths, and is no longer written.
    if &magic != b"GGUF" || u32::from_le_bytes(bytes(&mut file)?) < 2 {
        return Err(ErrorKind::InvalidData.into());
    }
    let _tensors = whole(&mut file)?;
    let count = whole(&mut file)?;
    let mut facts = Facts::default();
    for _ in 0..count.min(MAX_FACTS) {
        let name = text(&mut file)?;
        let kind = u32::from_le_bytes(bytes(&mut file)?);
        let value = value(&mut file, kind)?;
        let Some((_, fact)) = name.split_once('.') else {
            continue;
        };
        let place = match fact {
            "block_count" => &mut facts.layers,
            "attention.head_count" => &mut facts.heads,
            "attention.head_count_kv" => &mut facts.kv_heads,
            "attention.key_length" => &mut facts.key_length,
            "embedding_length" => &mut facts.width,
            "context_length" => &mut facts.context,
            _ => continue,
        };
        *place = value;
    }
    Ok(facts.shape())
}

impl Facts {
    fn shape(&self) -> Option<CacheShape> {
        let heads = self.heads.filter(|heads| *heads > 0);
        let by_width = || self.width.zip(heads).map(|(width, heads)| width / heads);
        Some(CacheShape {
            layers: self.layers?,
            heads: self.kv_heads.or(heads)?,
            head_dim: self.key_length.or_else(by_width)?,
            context: self.context,
        })
    }
}

/// Reads a value, and returns it if it is a whole number that is not negative.
fn value(file: &mut impl Read, kind: u32) -> io::Result<Option<u64>> {
    const ARRAY: u32 = 9;
    if kind != ARRAY {
        return scalar(file, kind);
    }
    let kind = u32::from_le_bytes(bytes(file)?);
    // No model states its shape in lists of lists.
    if kind == ARRAY {
        return Err(ErrorKind::InvalidData.into());
    }
    // A count that is not true ends at the end of what may be read.
    for _ in 0..whole(file)? {
        scalar(file, kind)?;
    }
    Ok(None)
}

fn scalar(file: &mut impl Read, kind: u32) -> io::Result<Option<u64>> {
    Ok(match kind {
        // u8, i8, bool
        0 | 1 | 7 => {
            bytes::<1>(file)?;
            None
        }
        // u16, i16
        2 | 3 => {
            bytes::<2>(file)?;
            None
        }
        4 => Some(u64::from(u32::from_le_bytes(bytes(file)?))),
        5 => u64::try_from(i32::from_le_bytes(bytes(file)?)).ok(),
        // f32
        6 => {
            bytes::<4>(file)?;
            None
        }
        8 => {
            let length = whole(file)?;
            io::copy(&mut file.take(length), &mut io::sink())?;
            None
        }
        10 => Some(whole(file)?),
        11 => u64::try_from(i64::from_le_bytes(bytes(file)?)).ok(),
        // f64
        12 => {
            bytes::<8>(file)?;
            None
        }
        _ => return Err(ErrorKind::InvalidData.into()),
    })
}

fn text(file: &mut impl Read) -> io::Result<String> {
    let length = whole(file)?;
    if length > MAX_TEXT {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    file.take(length).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn whole(file: &mut impl Read) -> io::Result<u64> {
    Ok(u64::from_le_bytes(bytes(file)?))
}

fn bytes<const COUNT: usize>(file: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn named(name: &str, kind: u32, value: &[u8]) -> Vec<u8> {
        let length = (name.len() as u64).to_le_bytes();
        [&length, name.as_bytes(), &kind.to_le_bytes(), value].concat()
    }

    fn number(name: &str, value: u32) -> Vec<u8> {
        named(name, 4, &value.to_le_bytes())
    }

    fn file(facts: &[Vec<u8>]) -> Vec<u8> {
        let count = (facts.len() as u64).to_le_bytes();
        let head = [b"GGUF".as_slice(), &3_u32.to_le_bytes(), &[0; 8], &count].concat();
        [head, facts.concat(), b"tensors".to_vec()].concat()
    }

    fn qwen() -> Vec<Vec<u8>> {
        let words = [
            &8_u32.to_le_bytes()[..],
            &2_u64.to_le_bytes(),
            &1_u64.to_le_bytes(),
            b"a",
            &0_u64.to_le_bytes(),
        ];
        vec![
            named("tokenizer.ggml.tokens", 9, &words.concat()),
            named(
                "general.architecture",
                8,
                &[&5_u64.to_le_bytes()[..], b"qwen2"].concat(),
            ),
            number("qwen2.block_count", 24),
            number("qwen2.context_length", 32_768),
            number("qwen2.embedding_length", 896),
            number("qwen2.attention.head_count", 14),
            number("qwen2.attention.head_count_kv", 2),
        ]
    }

    #[test]
    fn the_shape_is_found_behind_the_vocabulary() {
        let found = shape(&mut &*file(&qwen())).unwrap();
        let expected = CacheShape {
            layers: 24,
            heads: 2,
            head_dim: 64,
            context: Some(32_768),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(shape(&mut &*file(&qwen()[..3])).unwrap(), None);
    }

    #[test]
    fn files_of_other_forms_are_refused() {
        let whole = file(&qwen());
        for end in [0, 3, 10, 30, 60] {
            assert!(shape(&mut &whole[..end]).is_err(), "{end}");
        }
        let list_of_lists = named("a.b", 9, &9_u32.to_le_bytes());
        let long = [&u64::MAX.to_le_bytes()[..], b"name"].concat();
        let unknown = named("a.b", 99, b"");
        for bad in [
            b"GGML".to_vec(),
            file(&[list_of_lists]),
            file(&[long]),
            file(&[unknown]),
        ] {
            assert!(shape(&mut &*bad).is_err());
        }
    }
}
