//! From files to the pages that are read: decoded, told from blank ones, and placed on the grid.

use std::sync::Arc;

use image::RgbImage;
use serde::Deserialize;

use super::{
    EncodedImage, GridFit, ImageError, ImageFormat, Limits, PatchGrid, Picture, Place, decode, pdf,
    print::is_printed,
};
use crate::metrics::{ImageStage, Metrics};

/// What becomes of pages on which nothing is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankPages {
    /// The model does not see them, and nothing is read where all are blank.
    #[default]
    LeaveOut,
    /// They are read as others are.
    Read,
}

/// How pages are brought before a model.
#[derive(Debug, Clone, Copy)]
pub struct Preparation {
    /// The model's patches.
    pub grid: PatchGrid,
    /// What one page may cost.
    pub fit: GridFit,
    /// Tokens of all pages together, shared evenly so far as whole cells can.
    pub room: usize,
    /// What becomes of blank ones.
    pub blank: BlankPages,
}

/// The pages of several files.
#[derive(Debug, PartialEq, Eq)]
pub struct Pages {
    /// Of each file, those that are read.
    pub files: Vec<Vec<Picture>>,
    /// The numbers of those that were left out, counted from 1 over all files.
    pub blank: Vec<usize>,
}

/// A page that is to be read.
enum Sheet {
    /// Decoded.
    Held(RgbImage),
    /// To be decoded, for the first time or anew, since all pages together may be too large to hold.
    Of(Place),
}

/// Where files become pictures, on a thread of their own.
pub struct Bench {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub preparation: Preparation,
}

impl Bench {
    pub fn prepare(&self, files: &[EncodedImage]) -> Result<Pages, ImageError> {
        let mut sorter = Sorter {
            bench: self,
            pages: 0,
            blank: Vec::new(),
            held_pixels: 0,
        };
        let mut sheets = Vec::with_capacity(files.len());
        for (file, number) in files.iter().zip(1..) {
            let place = Place::file(number, files.len());
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
        let share = u32::try_from(self.preparation.room / read).unwrap_or(u32::MAX);
        let fit = GridFit {
            max_tokens: self.preparation.fit.max_tokens.min(share).max(1),
            ..self.preparation.fit
        };
        let pictures = files.iter().zip(sheets).map(|(file, sheets)| {
            let pictures = sheets
                .into_iter()
                .map(|sheet| self.picture(file, sheet, fit));
            pictures.collect()
        });
        Ok(Pages {
            files: pictures.collect::<Result<_, _>>()?,
            blank,
        })
    }

    fn picture(
        &self,
        file: &EncodedImage,
        sheet: Sheet,
        fit: GridFit,
    ) -> Result<Picture, ImageError> {
        let pixels = match sheet {
            Sheet::Of(place) => self.decode(file, place)?,
            Sheet::Held(pixels) => pixels,
        };
        let _timer = self.metrics.image(ImageStage::Prepare);
        Ok(decode::place(pixels, self.preparation.grid, fit)?)
    }

    fn decode(&self, file: &EncodedImage, place: Place) -> Result<RgbImage, ImageError> {
        let _timer = self.metrics.image(ImageStage::Decode);
        let pixels = decode::decode(file, place.page.0 - 1, self.limits.decode);
        pixels.map_err(|error| ImageError::from(error).at(place))
    }
}

/// Goes through the pages of all files in their order.
struct Sorter<'a> {
    bench: &'a Bench,
    pages: usize,
    blank: Vec<usize>,
    held_pixels: u64,
}

impl Sorter<'_> {
    /// Those of a file that are read.
    fn sheets(&mut self, file: &EncodedImage, place: Place) -> Result<Vec<Sheet>, ImageError> {
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
            return Ok(sheets.map(Sheet::Held).collect());
        }
        let pages = decode::pages(file)?;
        if pages > left {
            return Err(too_many);
        }
        let mut sheets = Vec::with_capacity(pages);
        for page in 1..=pages {
            let place = Place {
                page: (page, pages),
                ..place
            };
            if self.bench.preparation.blank == BlankPages::Read {
                self.pages += 1;
                sheets.push(Sheet::Of(place));
                continue;
            }
            let pixels = self.bench.decode(file, place)?;
            if self.is_read(&pixels) {
                let size = u64::from(pixels.width()) * u64::from(pixels.height());
                let is_held = self.held_pixels + size <= limits.decode.max_pixels;
                sheets.push(if is_held {
                    self.held_pixels += size;
                    Sheet::Held(pixels)
                } else {
                    Sheet::Of(place)
                });
            }
        }
        Ok(sheets)
    }

    /// Counts a page, and tells whether it is to be read.
    fn is_read(&mut self, page: &RgbImage) -> bool {
        self.pages += 1;
        let is_read = self.bench.preparation.blank == BlankPages::Read || is_printed(page);
        if !is_read {
            self.blank.push(self.pages);
        }
        is_read
    }
}
