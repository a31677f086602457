//! Reads the directories of a TIFF, one for each of its pictures, with offsets of four bytes or
//! eight (`BigTIFF`), in both byte orders.

use std::collections::{BTreeMap, BTreeSet};

use super::DecodeError;

/// Maximum number of directories of a file.
const MAX_DIRECTORIES: usize = 1024;

/// The format of numbers in a file.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    is_big_endian: bool,
    /// Offsets have eight bytes.
    is_big: bool,
}

/// One directory of a file.
#[derive(Debug, Clone)]
pub struct Directory<'a> {
    file: &'a [u8],
    numbers: Numbers,
    entries: BTreeMap<u16, Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    /// Offset of the entry's value, or of the offset to it.
    field: usize,
}

/// The value of an entry.
struct Value<'a> {
    bytes: &'a [u8],
    /// Number of bytes of one number.
    size: usize,
    kind: u16,
}

impl Numbers {
    /// Reads the number in `bytes`, at most eight.
    pub fn read(self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.is_big_endian {
            bytes.iter().fold(0, add)
        } else {
            bytes.iter().rev().fold(0, add)
        }
    }

    fn at(self, file: &[u8], at: usize, size: usize) -> Result<u64, DecodeError> {
        let bytes = at.checked_add(size).and_then(|end| file.get(at..end));
        bytes.map(|bytes| self.read(bytes)).ok_or_else(cut_off)
    }
}

fn cut_off() -> DecodeError {
    DecodeError::Broken("it is cut off before its directory".to_owned())
}

/// Returns all directories of `file` in order.
///
/// # Errors
/// [`DecodeError::Broken`] if one of them is outside the file.
pub fn directories(file: &[u8]) -> Result<Vec<Directory<'_>>, DecodeError> {
    let numbers = Numbers {
        is_big_endian: file.starts_with(b"MM"),
        is_big: false,
    };
    let is_big = numbers.at(file, 2, 2)? == 43;
    let numbers = Numbers { is_big, ..numbers };
    let offset_size = if is_big { 8 } else { 4 };
    let mut offset = numbers.at(file, offset_size, offset_size)?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    while offset != 0 {
        if !seen.insert(offset) {
            return Err(DecodeError::Broken(
                "its list of directories has no end".to_owned(),
            ));
        }
        if found.len() == MAX_DIRECTORIES {
            return Err(DecodeError::Unsupported(format!(
                "a TIFF of more than {MAX_DIRECTORIES} pictures"
            )));
        }
        let (directory, next) = Directory::read(file, numbers, offset)?;
        found.push(directory);
        offset = next;
    }
    Ok(found)
}

impl<'a> Directory<'a> {
    /// Reads the directory at `offset`, and the offset of the next one.
    fn read(file: &'a [u8], numbers: Numbers, offset: u64) -> Result<(Self, u64), DecodeError> {
        let start = usize::try_from(offset).map_err(|_| cut_off())?;
        let (word, entry_size) = if numbers.is_big { (8, 20) } else { (4, 12) };
        let count_size = if numbers.is_big { 8 } else { 2 };
        let count = numbers.at(file, start, count_size)?;
        let count = usize::try_from(count).map_err(|_| cut_off())?;
        let first = start + count_size;
        let end = count
            .checked_mul(entry_size)
            .and_then(|all| all.checked_add(first))
            .filter(|end| *end <= file.len())
            .ok_or_else(cut_off)?;
        let mut entries = BTreeMap::new();
        for at in (first..end).step_by(entry_size) {
            let tag = numbers.at(file, at, 2)? as u16;
            let entry = Entry {
                kind: numbers.at(file, at + 2, 2)? as u16,
                count: numbers.at(file, at + 4, word)?,
                field: at + 4 + word,
            };
            entries.entry(tag).or_insert(entry);
        }
        // The last directory of some files ends without the offset of the next one.
        let next = numbers.at(file, end, word).unwrap_or(0);
        let directory = Self {
            file,
            numbers,
            entries,
        };
        Ok((directory, next))
    }

    /// Returns the directory's file.
    pub fn file(&self) -> &'a [u8] {
        self.file
    }

    /// Returns the format of the file's numbers.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Finds the value of a tag. Returns `None` if there is no such entry.
    fn value(&self, tag: u16) -> Result<Option<Value<'a>>, DecodeError> {
        let Some(entry) = self.entries.get(&tag) else {
            return Ok(None);
        };
        let wrong = || {
            DecodeError::Broken(format!(
                "the value of its tag {tag} is missing or outside the file"
            ))
        };
        let size: usize = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return Err(wrong()),
        };
        let count = usize::try_from(entry.count).map_err(|_| wrong())?;
        let length = count.checked_mul(size).ok_or_else(wrong)?;
        let room = if self.numbers.is_big { 8 } else { 4 };
        let start = if length <= room {
            entry.field
        } else {
            let offset = self.numbers.at(self.file, entry.field, room)?;
            usize::try_from(offset).map_err(|_| wrong())?
        };
        let end = start.checked_add(length).ok_or_else(wrong)?;
        let bytes = self.file.get(start..end).ok_or_else(wrong)?;
        Ok(Some(Value {
            bytes,
            size,
            kind: entry.kind,
        }))
    }

    /// Returns the bytes of a value.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if it lies outside the file.
    pub fn bytes(&self, tag: u16) -> Result<Option<&'a [u8]>, DecodeError> {
        Ok(self.value(tag)?.map(|value| value.bytes))
    }

    /// Returns the whole numbers of a value.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if it lies outside the file.
    pub fn all(&self, tag: u16) -> Result<Option<Vec<u64>>, DecodeError> {
        let Some(Value { bytes, size, .. }) = self.value(tag)? else {
            return Ok(None);
        };
        let numbers = bytes.chunks_exact(size).map(|one| self.numbers.read(one));
        Ok(Some(numbers.collect()))
    }

    /// Returns the first number of a value, or `otherwise` if there is none.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if it lies outside the file.
    pub fn number(&self, tag: u16, otherwise: u64) -> Result<u64, DecodeError> {
        let Some(Value { bytes, size, .. }) = self.value(tag)? else {
            return Ok(otherwise);
        };
        let first = bytes.get(..size).map(|one| self.numbers.read(one));
        Ok(first.unwrap_or(otherwise))
    }

    /// Returns the fractions of a value, or `otherwise` if there is none of that kind.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if it lies outside the file.
    pub fn fractions<const N: usize>(
        &self,
        tag: u16,
        otherwise: [f32; N],
    ) -> Result<[f32; N], DecodeError> {
        let Some(Value {
            bytes,
            kind: kind @ (4 | 5),
            ..
        }) = self.value(tag)?
        else {
            return Ok(otherwise);
        };
        let halves = bytes
            .chunks_exact(4)
            .map(|one| self.numbers.read(one) as f32);
        let halves: Vec<f32> = halves.collect();
        let fractions: Vec<f32> = match kind {
            4 => halves,
            _ => halves.chunks_exact(2).map(|of| of[0] / of[1]).collect(),
        };
        let fractions = fractions.get(..N).and_then(|of| of.try_into().ok());
        Ok(fractions
            .filter(|of: &[f32; N]| of.iter().all(|f| f.is_finite()))
            .unwrap_or(otherwise))
    }

    /// Returns whether the picture is a smaller copy or a mask of another one, and not a page.
    ///
    /// # Errors
    /// [`DecodeError::Broken`] if the value lies outside the file.
    pub fn is_accessory(&self) -> Result<bool, DecodeError> {
        const NEW_SUBFILE_TYPE: u16 = 254;
        const SUBFILE_TYPE: u16 = 255;
        const REDUCED: u64 = 1;
        const MASK: u64 = 4;
        let kind = self.number(NEW_SUBFILE_TYPE, 0)?;
        Ok(kind & (REDUCED | MASK) != 0 || self.number(SUBFILE_TYPE, 0)? == 2)
    }
}
