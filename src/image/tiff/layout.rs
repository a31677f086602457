//! Reads how the picture of a directory is stored, and checks it before anything is unpacked.

use super::{
    DecodeError,
    directory::{Directory, Numbers},
};

/// Maximum total of the chunks' bytes per byte of the file.
const MAX_OVERLAP: u64 = 4;

/// The packing of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    None,
    PackBits,
    Lzw,
    Deflate,
    Zstd,
    Fax(Fax),
    Jpeg,
    /// A whole JPEG file beside the strips.
    OldJpeg,
}

/// The coding of fax data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fax {
    /// Modified Huffman with rows aligned to bytes.
    Rle,
    Group3OneDimensional,
    Group3TwoDimensional,
    Group4,
}

/// The meaning of samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Colours {
    /// Grey, where 0 is white.
    WhiteIsZero,
    /// Grey, where 0 is black.
    BlackIsZero,
    Rgb,
    /// Indices into this palette.
    Palette(Vec<[u8; 3]>),
    Cmyk,
    YCbCr {
        /// Number of pixels across and down that share their colour.
        shared: (u32, u32),
        /// Weights of red, green and blue in the luma.
        luma: [f32; 3],
        /// The levels of black and white of each sample.
        range: [f32; 6],
    },
}

/// The meaning of a sample beyond those of the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alpha {
    None,
    /// Opacity; the colours are already multiplied with it.
    Associated,
    Unassociated,
}

/// The size of every chunk.
#[derive(Debug, Clone, Copy)]
pub struct ChunkSize {
    pub width: u32,
    pub height: u32,
    /// `true` for tiles, which are stored whole at the edges too; `false` for strips, which are
    /// not.
    pub is_tile: bool,
}

/// The storage of a picture.
#[derive(Debug, Clone)]
pub struct Layout {
    pub width: u32,
    pub height: u32,
    /// Number of bits of a sample.
    pub bits: u32,
    /// Number of samples of a pixel.
    pub samples: u32,
    pub colours: Colours,
    pub alpha: Alpha,
    /// Each sample has its own chunks.
    pub is_planar: bool,
    pub packing: Packing,
    /// The lowest bit of a byte comes first.
    pub is_bit_reversed: bool,
    /// Samples are stored as differences to the previous one.
    pub has_differences: bool,
    pub chunk: ChunkSize,
    /// Offset and length of each chunk.
    pub chunks: Vec<(u64, u64)>,
    pub numbers: Numbers,
    /// The orientation as in EXIF.
    pub orientation: u8,
}

fn unsupported<T>(what: impl std::fmt::Display) -> Result<T, DecodeError> {
    Err(DecodeError::Unsupported(format!("a TIFF {what}")))
}

fn broken<T>(what: &str) -> Result<T, DecodeError> {
    Err(DecodeError::Broken(what.to_owned()))
}

impl ChunkSize {
    fn of(directory: &Directory<'_>, width: u32, height: u32) -> Result<Self, DecodeError> {
        let side = |tag, otherwise: u32| -> Result<u32, DecodeError> {
            let side = directory.number(tag, u64::from(otherwise))?;
            Ok(u32::try_from(side).unwrap_or(u32::MAX))
        };
        let is_tile = directory.bytes(324)?.is_some();
        let chunk = if is_tile {
            Self {
                width: side(322, 0)?,
                height: side(323, 0)?,
                is_tile,
            }
        } else {
            Self {
                width,
                height: side(278, height)?.min(height),
                is_tile,
            }
        };
        // A tile may be slightly larger than the picture.
        let is_sound = |side: u32, whole: u32| side > 0 && side <= whole.saturating_add(4096);
        if !(is_sound(chunk.width, width) && is_sound(chunk.height, height)) {
            return broken("its strips or tiles have an impossible size");
        }
        Ok(chunk)
    }
}

impl Layout {
    /// Reads the layout from a directory.
    ///
    /// # Errors
    /// [`DecodeError::Unsupported`] and [`DecodeError::Broken`], and those of `check_size`, which
    /// is called first.
    pub fn of(
        directory: &Directory<'_>,
        check_size: impl Fn(u32, u32) -> Result<(), DecodeError>,
    ) -> Result<Self, DecodeError> {
        let side = |tag| -> Result<u32, DecodeError> {
            let side = directory.number(tag, 0)?;
            Ok(u32::try_from(side).unwrap_or(u32::MAX))
        };
        let (width, height) = (side(256)?, side(257)?);
        check_size(width, height)?;
        let samples = directory.number(277, 1)?;
        if !(1..=16).contains(&samples) {
            return unsupported(format_args!("of {samples} samples a pixel"));
        }
        let samples = samples as u32;
        let packing = packing(directory)?;
        let bits = bits(directory)?;
        let colours = colours(directory, packing, samples, bits)?;
        let needed = match colours {
            Colours::WhiteIsZero | Colours::BlackIsZero | Colours::Palette(_) => 1,
            Colours::Rgb | Colours::YCbCr { .. } => 3,
            Colours::Cmyk => 4,
        };
        if samples < needed {
            return broken("its pixels have too few samples");
        }
        let alpha = match directory.all(338)?.as_deref() {
            Some([1, ..]) if samples > needed => Alpha::Associated,
            Some([2, ..]) if samples > needed => Alpha::Unassociated,
            _ => Alpha::None,
        };
        let is_planar = samples > 1 && directory.number(284, 1)? == 2;
        let has_differences = match directory.number(317, 1)? {
            _ if !matches!(packing, Packing::Lzw | Packing::Deflate | Packing::Zstd) => false,
            1 => false,
            2 => true,
            _ => return unsupported("of floating-point numbers"),
        };
        let is_subsampled = matches!(colours, Colours::YCbCr { shared, .. } if shared != (1, 1));
        let is_jpeg = matches!(packing, Packing::Jpeg | Packing::OldJpeg);
        if is_subsampled && !is_jpeg && (is_planar || has_differences || bits != 8 || samples != 3)
        {
            return unsupported("of subsampled colours in this packing");
        }
        if is_jpeg && (bits != 8 || samples > 4 || (is_planar && is_subsampled)) {
            return unsupported(format_args!("with JPEGs of {samples} times {bits} bits"));
        }
        if matches!(packing, Packing::Fax(_)) && (bits != 1 || samples != 1) {
            return broken("it has fax codes, but more colours than black and white");
        }
        let chunk = ChunkSize::of(directory, width, height)?;
        let mut layout = Self {
            width,
            height,
            bits,
            samples,
            colours,
            alpha,
            is_planar,
            packing,
            is_bit_reversed: directory.number(266, 1)? == 2,
            has_differences,
            chunk,
            chunks: Vec::new(),
            numbers: directory.numbers(),
            orientation: u8::try_from(directory.number(274, 1)?).unwrap_or(1),
        };
        layout.chunks = layout.chunks(directory)?;
        Ok(layout)
    }

    /// Returns the number of chunks across and down of one plane.
    pub fn grid(&self) -> (u32, u32) {
        (
            self.width.div_ceil(self.chunk.width),
            self.height.div_ceil(self.chunk.height),
        )
    }

    fn chunks(&self, directory: &Directory<'_>) -> Result<Vec<(u64, u64)>, DecodeError> {
        if self.packing == Packing::OldJpeg {
            return Ok(Vec::new());
        }
        let (offsets, counts) = if self.chunk.is_tile {
            (324, 325)
        } else {
            (273, 279)
        };
        let planes = if self.is_planar { self.samples } else { 1 };
        let (across, down) = self.grid();
        let needed = u64::from(across) * u64::from(down) * u64::from(planes);
        let Some(offsets) = directory.all(offsets)? else {
            return broken("it does not say where its pixels are");
        };
        let counts = match directory.all(counts)? {
            Some(counts) => counts,
            // Old files omit the lengths if there is one strip.
            None => match offsets[..] {
                [offset] => vec![(directory.file().len() as u64).saturating_sub(offset)],
                _ => return broken("it does not say how long its strips are"),
            },
        };
        if (offsets.len().min(counts.len()) as u64) < needed {
            return broken("strips or tiles of it are missing");
        }
        let chunks: Vec<_> = offsets.into_iter().zip(counts).collect();
        // Many strips at the same offset would be unpacked again and again.
        let all = chunks
            .iter()
            .fold(0, |all: u64, chunk| all.saturating_add(chunk.1));
        if all > (directory.file().len() as u64).saturating_mul(MAX_OVERLAP) {
            return broken("its strips or tiles overlap");
        }
        Ok(chunks)
    }
}

fn packing(directory: &Directory<'_>) -> Result<Packing, DecodeError> {
    const UNCOMPRESSED: u64 = 2;
    let fax_options = |tag| -> Result<u64, DecodeError> {
        match directory.number(tag, 0)? {
            options if options & UNCOMPRESSED != 0 => unsupported("in the fax mode without codes"),
            options => Ok(options),
        }
    };
    Ok(match directory.number(259, 1)? {
        1 => Packing::None,
        2 => Packing::Fax(Fax::Rle),
        3 if fax_options(292)? & 1 == 1 => Packing::Fax(Fax::Group3TwoDimensional),
        3 => Packing::Fax(Fax::Group3OneDimensional),
        4 => {
            fax_options(293)?;
            Packing::Fax(Fax::Group4)
        }
        5 => Packing::Lzw,
        6 => Packing::OldJpeg,
        7 => Packing::Jpeg,
        8 | 32946 => Packing::Deflate,
        32773 => Packing::PackBits,
        50000 => Packing::Zstd,
        other => {
            let name = match other {
                32771 => "modified Huffman in words",
                32809 => "ThunderScan",
                34661 | 9 | 10 => "JBIG",
                33003 | 33005 | 34712 => "JPEG 2000",
                34887 => "LERC",
                34925 => "LZMA",
                50001 => "WebP",
                50002 | 52546 => "JPEG XL",
                _ => {
                    return unsupported(format_args!(
                        "packed by an unknown method, number {other}"
                    ));
                }
            };
            return unsupported(format_args!("packed by {name}"));
        }
    })
}

fn bits(directory: &Directory<'_>) -> Result<u32, DecodeError> {
    let bits = directory.all(258)?.unwrap_or_else(|| vec![1]);
    let first = bits.first().copied().unwrap_or(1);
    if bits.iter().any(|bits| *bits != first) {
        return unsupported("with samples of different numbers of bits");
    }
    if !(1..=16).contains(&first) {
        return unsupported(format_args!("of {first} bits a sample"));
    }
    // 1 is unsigned numbers, 4 is undefined.
    let formats = directory.all(339)?.unwrap_or_default();
    if formats.iter().any(|format| !matches!(format, 1 | 4)) {
        return unsupported("of signed or floating-point numbers");
    }
    Ok(first as u32)
}

fn colours(
    directory: &Directory<'_>,
    packing: Packing,
    samples: u32,
    bits: u32,
) -> Result<Colours, DecodeError> {
    let otherwise = match (packing, samples) {
        (Packing::Fax(_), _) => 0,
        (_, 0..=2) => 1,
        _ => 2,
    };
    Ok(match directory.number(262, otherwise)? {
        0 => Colours::WhiteIsZero,
        1 => Colours::BlackIsZero,
        2 => Colours::Rgb,
        3 => Colours::Palette(palette(directory, bits)?),
        5 if directory.number(332, 1)? == 1 => Colours::Cmyk,
        5 => return unsupported("of other inks than cyan, magenta, yellow and black"),
        6 => {
            let shared = directory.all(530)?.unwrap_or_else(|| vec![2, 2]);
            let [across @ (1 | 2 | 4), down @ (1 | 2 | 4), ..] = shared[..] else {
                return broken("its colours are shared by an impossible number of pixels");
            };
            Colours::YCbCr {
                shared: (across as u32, down as u32),
                luma: directory.fractions(529, [0.299, 0.587, 0.114])?,
                range: directory.fractions(532, [0.0, 255.0, 128.0, 255.0, 128.0, 255.0])?,
            }
        }
        other => {
            let name = match other {
                4 => "that is a mask",
                8..=10 => "in CIE Lab colours",
                32803 | 34892 => "of a camera's raw data",
                32844 | 32845 => "of logarithms",
                _ => {
                    return unsupported(format_args!(
                        "of an unknown kind of colours, number {other}"
                    ));
                }
            };
            return unsupported(name);
        }
    })
}

fn palette(directory: &Directory<'_>, bits: u32) -> Result<Vec<[u8; 3]>, DecodeError> {
    if bits > 8 {
        return unsupported(format_args!("with a palette of {bits} bits"));
    }
    let colours = 1 << bits;
    let levels = directory.all(320)?.unwrap_or_default();
    let Some(levels) = levels.get(..3 * colours) else {
        return broken("its palette is missing");
    };
    // Some writers put 8-bit values where 16-bit ones belong.
    let is_narrow = levels.iter().all(|level| *level < 256);
    let level = |at: usize| match levels[at] {
        level if is_narrow => level as u8,
        // The high byte, for writers that widen 8 bits by 257 or by 256.
        level => (level.min(0xffff) >> 8) as u8,
    };
    let colours = (0..colours).map(|i| [0, 1, 2].map(|plane| level(plane * colours + i)));
    Ok(colours.collect())
}
