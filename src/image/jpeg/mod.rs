//! Checks that a JPEG file is complete. The decoder fills missing parts with grey, as a viewer
//! should and a reader of receipts must not, so every code of every scan is counted first.
//!
//! Data after the end of the first picture are ignored: cameras store previews and depth maps
//! there. The end marker may be missing if every block is complete. Before an end marker, a
//! progressive file may omit last bits, but no band of the brightness.

mod bits;
mod scan;
#[cfg(test)]
mod tests;

use super::DecodeError;
use bits::{BitsEnd, HuffmanTable};
use scan::{Scan, ScanComponent, Tables};

/// The contents of the frame header.
pub struct Frame {
    is_progressive: bool,
    components: Vec<Component>,
    /// Number of groups of blocks across and down in a scan of several components.
    groups: (u32, u32),
}

/// One colour component of a frame.
struct Component {
    id: u8,
    /// Number of blocks of a group across and down.
    sampling: (u32, u32),
    /// Number of blocks across and down in a scan of this component alone.
    blocks: (u32, u32),
    /// Number of blocks across in whole groups.
    stride: u32,
    /// For each block, one bit per coefficient that is not 0; only used for progressive files.
    known: Vec<u64>,
    /// For each coefficient, the lowest bit read so far, or `None`.
    lowest_bit: [Option<u8>; 64],
}

impl Component {
    fn known(&mut self, column: u32, row: u32) -> Option<&mut u64> {
        let at = u64::from(row) * u64::from(self.stride) + u64::from(column);
        self.known.get_mut(usize::try_from(at).ok()?)
    }
}

/// Checks that the JPEG holds its whole picture in a supported form. Calls `check_size` before
/// unpacking anything.
///
/// # Errors
/// [`DecodeError::Unsupported`] for a form that the decoder does not support,
/// [`DecodeError::Broken`] if the file is cut off or damaged, and those of `check_size`.
pub fn check_whole(
    file: &[u8],
    check_size: impl Fn(u32, u32) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut walk = Walk {
        file,
        at: 2,
        frame: None,
        tables: Tables::default(),
        restart_interval: 0,
    };
    while let Some(marker) = walk.marker() {
        match marker {
            0xd9 => return walk.finish(true),
            0xc4 => walk.tables()?,
            0xdd => walk.restart_interval()?,
            0xda => walk.scan()?,
            0xc0..=0xcf | 0xde | 0xf7 => walk.frame(marker, &check_size)?,
            // These markers have no length.
            0x01 | 0xd0..=0xd8 => {}
            _ => {
                walk.segment()?;
            }
        }
    }
    walk.finish(false)
}

struct Walk<'a> {
    file: &'a [u8],
    at: usize,
    frame: Option<Frame>,
    tables: Tables,
    restart_interval: u32,
}

impl<'a> Walk<'a> {
    /// Returns the next marker, skipping any padding.
    fn marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.file.get(self.at..)?;
            let found = rest.iter().position(|byte| *byte == 0xff)?;
            self.at += found + 1;
            match self.file.get(self.at)? {
                0x00 | 0xff => {}
                marker => {
                    self.at += 1;
                    return Some(*marker);
                }
            }
        }
    }

    /// Returns the contents of the segment at the current position.
    fn segment(&mut self) -> Result<&'a [u8], DecodeError> {
        let rest = self.file.get(self.at..).unwrap_or_default();
        let [high, low, ..] = rest else {
            return Err(cut_off("in its headers"));
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length < 2 {
            return Err(damaged("a header"));
        }
        let segment = rest.get(2..length).ok_or(cut_off("in its headers"))?;
        self.at += length;
        Ok(segment)
    }

    fn tables(&mut self) -> Result<(), DecodeError> {
        let mut rest = self.segment()?;
        while let [kind, after @ ..] = rest {
            let wrong = || damaged("a Huffman table");
            let (counts, after) = after.split_first_chunk::<16>().ok_or_else(wrong)?;
            let codes = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, after) = after.split_at_checked(codes).ok_or_else(wrong)?;
            let tables = match kind >> 4 {
                0 => &mut self.tables.dc,
                1 => &mut self.tables.ac,
                _ => return Err(wrong()),
            };
            let place = tables.get_mut(usize::from(kind & 15)).ok_or_else(wrong)?;
            *place = Some(HuffmanTable::new(*counts, symbols).ok_or_else(wrong)?);
            rest = after;
        }
        Ok(())
    }

    fn restart_interval(&mut self) -> Result<(), DecodeError> {
        let [high, low, ..] = self.segment()? else {
            return Err(damaged("its restart interval"));
        };
        self.restart_interval = u16::from_be_bytes([*high, *low]).into();
        Ok(())
    }

    fn frame(
        &mut self,
        marker: u8,
        check_size: impl Fn(u32, u32) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let unsupported = |what: &str| Err(DecodeError::Unsupported(format!("{what} JPEG")));
        match marker {
            0xc0..=0xc2 => {}
            0xc3 => return unsupported("a lossless"),
            0xc9 | 0xca | 0xcc => return unsupported("an arithmetic-coded"),
            0xcb => return unsupported("a lossless, arithmetic-coded"),
            0xf7 => return unsupported("a lossless (JPEG-LS)"),
            _ => return unsupported("a hierarchical"),
        }
        let [precision, size @ ..] = self.segment()? else {
            return Err(damaged("its frame header"));
        };
        let [h1, h0, w1, w0, count, components @ ..] = size else {
            return Err(damaged("its frame header"));
        };
        if *precision != 8 {
            return unsupported(&format!("a {precision}-bit"));
        }
        if self.frame.is_some() {
            return unsupported("a hierarchical");
        }
        let (width, height) = (
            u32::from(u16::from_be_bytes([*w1, *w0])),
            u32::from(u16::from_be_bytes([*h1, *h0])),
        );
        if height == 0 {
            return Err(DecodeError::Unsupported(
                "a JPEG that declares its height after its data".to_owned(),
            ));
        }
        if width == 0 || components.len() < 3 * usize::from(*count) {
            return Err(damaged("its frame header"));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(DecodeError::Unsupported(format!(
                "a JPEG of {count} colour components"
            )));
        }
        let components = components.chunks_exact(3).take(usize::from(*count));
        let sampling = components.map(|component| {
            let (across, down) = (component[1] >> 4, component[1] & 15);
            let is_sound = (1..=4).contains(&across) && (1..=4).contains(&down);
            is_sound.then_some((component[0], u32::from(across), u32::from(down)))
        });
        let sampling: Option<Vec<_>> = sampling.collect();
        let sampling = sampling.ok_or(damaged("its frame header"))?;
        check_size(width, height)?;
        self.frame = Some(Frame::new(width, height, marker == 0xc2, &sampling));
        Ok(())
    }

    fn scan(&mut self) -> Result<(), DecodeError> {
        let header = self.segment()?;
        let frame = self.frame.as_mut().ok_or(damaged("its headers"))?;
        let scan = scan_of(header, frame, self.restart_interval)
            .ok_or_else(|| damaged("the header of a scan"))?;
        let read = scan.read(frame, &self.tables, self.file, self.at);
        self.at = read.map_err(|broken| match broken.stop {
            BitsEnd::Ended => cut_off(&format!("after {} % of a scan", broken.read)),
            BitsEnd::Damaged => damaged(&format!("a scan, after {} % of it,", broken.read)),
        })?;
        for component in &scan.components {
            let lowest = &mut frame.components[component.index].lowest_bit;
            let (first, last) = scan.band;
            lowest[usize::from(first)..=usize::from(last)].fill(Some(scan.approximation.1));
        }
        Ok(())
    }

    /// Checks that the scans read make up the whole picture.
    fn finish(self, has_end: bool) -> Result<(), DecodeError> {
        let Some(frame) = self.frame else {
            return Err(cut_off("before its picture begins"));
        };
        let is_whole = |(index, component): (usize, &Component)| {
            let bits = &component.lowest_bit;
            match (has_end, index) {
                (false, _) => bits.iter().all(|bit| *bit == Some(0)),
                // Text is in the brightness: it needs each of its bands, and one of them in full.
                (true, 0) => bits.iter().all(Option::is_some) && bits.contains(&Some(0)),
                (true, _) => bits[0].is_some(),
            }
        };
        let is_whole = frame.components.iter().enumerate().all(is_whole);
        if !is_whole {
            return Err(cut_off("with scans missing"));
        }
        Ok(())
    }
}

impl Frame {
    fn new(width: u32, height: u32, is_progressive: bool, sampling: &[(u8, u32, u32)]) -> Self {
        let most = |side: fn(&(u8, u32, u32)) -> u32| sampling.iter().map(side).max().unwrap_or(1);
        let (across_most, down_most) = (most(|s| s.1), most(|s| s.2));
        let groups = (
            width.div_ceil(8 * across_most),
            height.div_ceil(8 * down_most),
        );
        let components = sampling.iter().map(|&(id, across, down)| {
            let blocks = (
                (width * across).div_ceil(across_most).div_ceil(8),
                (height * down).div_ceil(down_most).div_ceil(8),
            );
            let stride = groups.0 * across;
            let all = if is_progressive {
                stride as usize * (groups.1 * down) as usize
            } else {
                0
            };
            Component {
                id,
                sampling: (across, down),
                blocks,
                stride,
                known: vec![0; all],
                lowest_bit: [None; 64],
            }
        });
        Self {
            is_progressive,
            components: components.collect(),
            groups,
        }
    }
}

/// Reads the header of a scan. Returns `None` for impossible values.
fn scan_of(header: &[u8], frame: &Frame, restart_interval: u32) -> Option<Scan> {
    let (count, rest) = header.split_first()?;
    let (components, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    let [first, last, approximation, ..] = *rest else {
        return None;
    };
    let components = components.chunks_exact(2).map(|component| {
        let (dc, ac) = (component[1] >> 4, component[1] & 15);
        let index = frame.components.iter().position(|c| c.id == component[0])?;
        (dc < 4 && ac < 4).then_some(ScanComponent {
            index,
            dc: dc.into(),
            ac: ac.into(),
        })
    });
    let components: Vec<_> = components.collect::<Option<_>>()?;
    let (before, now) = (approximation >> 4, approximation & 15);
    let (band, approximation) = if frame.is_progressive {
        let is_sound = match first {
            0 => last == 0,
            _ => first <= last && last < 64 && components.len() == 1,
        };
        if !is_sound || now > 13 || (before > 0 && before != now + 1) {
            return None;
        }
        ((first, last), (before, now))
    } else {
        // Some writers put arbitrary values into these.
        ((0, 63), (0, 0))
    };
    (!components.is_empty()).then_some(Scan {
        components,
        band,
        approximation,
        restart_interval,
    })
}

fn cut_off(place: &str) -> DecodeError {
    DecodeError::Broken(format!("it is cut off {place}; send the whole file"))
}

fn damaged(what: &str) -> DecodeError {
    DecodeError::Broken(format!(
        "{what} is damaged; save the image anew and send that"
    ))
}
