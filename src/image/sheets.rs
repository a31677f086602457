//! Turns files into the pages to read: decodes them, leaves out blank ones, and places the others
//! on the grid.

use std::sync::Arc;

use image::RgbImage;
use serde::Deserialize;

use super::{
    DecodeLimits, EncodedImage, GridFit, ImageError, ImageFormat, PagePosition, PatchGrid,
    PdfLimits, Picture, decode, pdf, print::is_printed,
};
use crate::metrics::{ImageStage, Metrics};

/// The treatment of pages without print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankPages {
    /// Leaves them out, and refuses files that have no other pages.
    #[default]
    LeaveOut,
    /// Reads them as any other page.
    Read,
}

/// The settings of preparing pages for a model.
#[derive(Debug, Clone, Copy)]
pub struct Preparation {
    /// The model's patch grid.
    pub grid: PatchGrid,
    /// Limits of one page.
    pub fit: GridFit,
    /// Tokens of all pages together, shared as evenly as whole cells allow.
    pub room: usize,
    /// The treatment of blank pages.
    pub blank: BlankPages,
}

/// The prepared pages of several files.
#[derive(Debug, PartialEq, Eq)]
pub struct Pages {
    /// The pages to read, by file.
    pub files: Vec<Vec<Picture>>,
    /// The numbers of the blank pages left out, counted from 1 over all files.
    pub blank: Vec<usize>,
}

/// The pages that files have, counted without preparing them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The number of pages of each file, blank ones included.
    pub pages: Vec<usize>,
    /// The numbers of the blank pages, counted from 1 over all files.
    pub blank: Vec<usize>,
}

impl Survey {
    /// Adds the files of another survey behind those of this one.
    pub fn append(&mut self, other: &Self) {
        let before: usize = self.pages.iter().sum();
        self.pages.extend(&other.pages);
        self.blank
            .extend(other.blank.iter().map(|page| before + page));
    }

    /// Returns the index of the file that has a page, by the page's number over all files.
    #[must_use]
    pub fn file_of(&self, page: usize) -> usize {
        let mut last = 0;
        let ends = self.pages.iter().map(|pages| {
            last += pages;
            last
        });
        ends.take_while(|end| *end < page).count()
    }
}

/// Bounds on the contents of files.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bounds on the size that a picture's header declares.
    pub decode: DecodeLimits,
    /// Maximum number of pages of one receipt, over all its files.
    pub max_pages: usize,
    /// Resolution at which PDF pages are rendered.
    pub pdf_dots_per_inch: f32,
}

impl Limits {
    /// Returns the limits of a PDF of at most `max_pages`. All pages of a receipt share the pixels
    /// of one picture, since they are held in memory together.
    pub(super) fn pdf(self, max_pages: usize) -> PdfLimits {
        PdfLimits {
            max_pages,
            max_side: self.decode.max_side,
            max_pixels: self.decode.max_pixels / self.max_pages.max(1) as u64,
            dots_per_inch: self.pdf_dots_per_inch,
        }
    }
}

/// A page to read.
enum Sheet {
    /// A decoded page, held in memory.
    Decoded(RgbImage),
    /// A page to decode, perhaps for the second time, since all pages together may be too large to
    /// hold.
    Undecoded(PagePosition),
}

/// Prepares files on a blocking thread.
pub struct Bench {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub blank: BlankPages,
}

impl Bench {
    /// Returns the pages of `files` on a model's grid.
    pub fn prepare(
        &self,
        files: &[EncodedImage],
        preparation: Preparation,
    ) -> Result<Pages, ImageError> {
        let mut sorter = Sorter::of(self);
        let mut sheets = Vec::with_capacity(files.len());
        for (file, number) in files.iter().zip(1..) {
            let place = PagePosition::file(number, files.len());
            let found = sorter
                .sheets(file, place)
                .map_err(|error| error.at(place))?;
            sheets.push(found);
        }
        let Sorter { pages, blank, .. } = sorter;
        let read = pages - blank.len();
        if read == 0 {
            return Err(ImageError::NothingToRead { pages });
        }
        let share = u32::try_from(preparation.room / read).unwrap_or(u32::MAX);
        let fit = GridFit {
            max_tokens: preparation.fit.max_tokens.min(share).max(1),
            ..preparation.fit
        };
        let pictures = files.iter().zip(sheets).map(|(file, sheets)| {
            let pictures = sheets
                .into_iter()
                .map(|sheet| self.picture(file, sheet, preparation.grid, fit));
            pictures.collect()
        });
        Ok(Pages {
            files: pictures.collect::<Result<_, _>>()?,
            blank,
        })
    }

    /// Counts the pages of `files` and finds the blank ones.
    pub fn survey(&self, files: &[EncodedImage]) -> Result<Survey, ImageError> {
        let mut sorter = Sorter::of(self);
        let mut pages = Vec::with_capacity(files.len());
        for (file, number) in files.iter().zip(1..) {
            let place = PagePosition::file(number, files.len());
            let before = sorter.pages;
            let sheets = sorter.sheets(file, place);
            sheets.map_err(|error| error.at(place))?;
            pages.push(sorter.pages - before);
        }
        let blank = sorter.blank;
        Ok(Survey { pages, blank })
    }

    fn picture(
        &self,
        file: &EncodedImage,
        sheet: Sheet,
        grid: PatchGrid,
        fit: GridFit,
    ) -> Result<Picture, ImageError> {
        let pixels = match sheet {
            Sheet::Undecoded(place) => self.decode(file, place)?,
            Sheet::Decoded(pixels) => pixels,
        };
        let _timer = self.metrics.image(ImageStage::Prepare);
        Ok(decode::place(pixels, grid, fit)?)
    }

    fn decode(&self, file: &EncodedImage, place: PagePosition) -> Result<RgbImage, ImageError> {
        let _timer = self.metrics.image(ImageStage::Decode);
        let pixels = decode::decode(file, place.page.0 - 1, self.limits.decode);
        pixels.map_err(|error| ImageError::from(error).at(place))
    }
}

/// Sorts the pages of all files in order into pages to read and blank ones.
struct Sorter<'a> {
    bench: &'a Bench,
    pages: usize,
    blank: Vec<usize>,
    held_pixels: u64,
}

impl<'a> Sorter<'a> {
    fn of(bench: &'a Bench) -> Self {
        Self {
            bench,
            pages: 0,
            blank: Vec::new(),
            held_pixels: 0,
        }
    }

    /// Returns the pages of a file to read.
    fn sheets(
        &mut self,
        file: &EncodedImage,
        place: PagePosition,
    ) -> Result<Vec<Sheet>, ImageError> {
        let limits = self.bench.limits;
        let too_many = ImageError::TooManyPages {
            limit: limits.max_pages,
        };
        let left = limits.max_pages.saturating_sub(self.pages);
        if left == 0 {
            return Err(too_many);
        }
        if file.format == ImageFormat::Pdf {
            let timer = self.bench.metrics.image(ImageStage::Decode);
            let rendered = pdf::render(&file.bytes, limits.pdf(left))?;
            drop(timer);
            let sheets = rendered.into_iter().filter(|page| self.is_read(page));
            return Ok(sheets.map(Sheet::Decoded).collect());
        }
        let pages = decode::pages(file)?;
        if pages > left {
            return Err(too_many);
        }
        let mut sheets = Vec::with_capacity(pages);
        for page in 1..=pages {
            let place = PagePosition {
                page: (page, pages),
                ..place
            };
            if self.bench.blank == BlankPages::Read {
                self.pages += 1;
                sheets.push(Sheet::Undecoded(place));
                continue;
            }
            let pixels = self.bench.decode(file, place)?;
            if self.is_read(&pixels) {
                let size = u64::from(pixels.width()) * u64::from(pixels.height());
                let is_held = self.held_pixels + size <= limits.decode.max_pixels;
                sheets.push(if is_held {
                    self.held_pixels += size;
                    Sheet::Decoded(pixels)
                } else {
                    Sheet::Undecoded(place)
                });
            }
        }
        Ok(sheets)
    }

    /// Counts a page, and returns whether to read it.
    fn is_read(&mut self, page: &RgbImage) -> bool {
        self.pages += 1;
        let is_read = self.bench.blank == BlankPages::Read || is_printed(page);
        if !is_read {
            self.blank.push(self.pages);
        }
        is_read
    }
}
