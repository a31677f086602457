//! Reads the text of pages: decodes each, and asks the page reader.

use std::{sync::Arc, time::Instant};

use image::RgbImage;

use super::{EncodedImage, ImageError, ImageFormat, Limits, PagePosition, decode, pdf};
use crate::{
    codes::{self, CodeLimits, FoundCode},
    metrics::{ImageStage, Metrics, TextOutcome},
    ocr::{OcrError, ReadPage},
    page::{PageReading, PageSelection, PageText, TextLine, Unread},
};

/// Reads the text of files on a blocking thread.
pub struct TextBench {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub reader: Option<Arc<dyn ReadPage>>,
    /// The pages that are wanted, of all files together.
    pub wanted: PageSelection,
    /// What is sought on them.
    pub sought: PageSought,
}

/// What is sought on pages.
#[derive(Debug, Clone, Copy)]
pub struct PageSought {
    /// How much of their text is.
    pub text: SoughtText,
    /// Bounds of seeking codes, if they are sought.
    pub codes: Option<CodeLimits>,
}

impl PageSought {
    /// Seeks text alone.
    pub const TEXT: Self = Self {
        text: SoughtText::Whole,
        codes: None,
    };
}

/// How much of the text of pages is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoughtText {
    /// None.
    Nothing,
    /// What a PDF states, as far as it is seen; the page reader is not asked, which takes most of the time.
    Stated,
    /// All of it.
    Whole,
}

/// What was found on a page.
#[derive(Debug)]
pub struct PageFindings {
    /// Its text; [`Unread::Off`] where that was not sought.
    pub text: PageReading,
    /// The codes that are printed on it.
    pub codes: Vec<FoundCode>,
}

impl TextBench {
    /// Returns what is on each page of all files, in order. The entries of pages that are not wanted are empty.
    pub fn read(&self, files: &[EncodedImage]) -> Result<Vec<Option<PageFindings>>, ImageError> {
        let time = self.reader.as_ref().map(|reader| reader.document_time());
        let until = time.and_then(|time| Instant::now().checked_add(time));
        let mut readings = Vec::with_capacity(files.len());
        for (file, number) in files.iter().zip(1..) {
            let place = PagePosition::file(number, files.len());
            let found = self.file(file, place, readings.len(), until);
            readings.extend(found.map_err(|error| error.at(place))?);
        }
        Ok(readings)
    }

    /// Returns what is on the pages of a file that has so many pages `before` it.
    fn file(
        &self,
        file: &EncodedImage,
        place: PagePosition,
        before: usize,
        until: Option<Instant>,
    ) -> Result<Vec<Option<PageFindings>>, ImageError> {
        let left = self.limits.max_pages.saturating_sub(before);
        let too_many = ImageError::TooManyPages {
            limit: self.limits.max_pages,
        };
        if left == 0 {
            return Err(too_many);
        }
        if file.format == ImageFormat::Pdf {
            return self.pdf(file, before, until);
        }
        let pages = decode::pages(file)?;
        if pages > left {
            return Err(too_many);
        }
        let readings = (0..pages).map(|page| {
            if !self.wanted.has(before + page) {
                return Ok(None);
            }
            let reader = self.reader();
            if reader.is_none() && self.sought.codes.is_none() {
                return Ok(Some(PageFindings {
                    text: Err(Unread::Off),
                    codes: Vec::new(),
                }));
            }
            let place = PagePosition {
                page: (page + 1, pages),
                ..place
            };
            let timer = self.metrics.image(ImageStage::Decode);
            let pixels = decode::decode(file, page, self.limits.decode)
                .map_err(|error| ImageError::from(error).at(place))?;
            drop(timer);
            Ok(Some(PageFindings {
                text: match reader {
                    Some(reader) => self.page(&pixels, reader, until),
                    None => Err(Unread::Off),
                },
                codes: self.codes(&pixels),
            }))
        });
        readings.collect()
    }

    /// Returns what is on the pages of a PDF that has so many pages `before` it.
    fn pdf(
        &self,
        file: &EncodedImage,
        before: usize,
        until: Option<Instant>,
    ) -> Result<Vec<Option<PageFindings>>, ImageError> {
        let limits = self
            .limits
            .pdf(self.limits.max_pages.saturating_sub(before));
        let timer = self.metrics.image(ImageStage::Decode);
        let wanted = |page| self.wanted.has(before + page);
        let pages = pdf::read(&file.bytes, limits, wanted)?;
        drop(timer);
        let completed = |page: pdf::PdfPage| PageFindings {
            codes: self.codes(&page.picture),
            text: match self.sought.text {
                SoughtText::Nothing => Err(Unread::Off),
                SoughtText::Stated | SoughtText::Whole => {
                    page.text
                        .completed(&page.picture, |part| match self.reader() {
                            Some(reader) => self.lines(part, reader, until),
                            None => Err(Unread::Off),
                        })
                }
            },
        };
        let readings = pages.into_iter().map(|page| page.map(completed));
        Ok(readings.collect())
    }

    /// Returns the page reader, if it is to be asked.
    fn reader(&self) -> Option<&dyn ReadPage> {
        let reader = self.reader.as_deref();
        reader.filter(|_| self.sought.text == SoughtText::Whole)
    }

    /// Returns the codes on a page, if they are sought.
    fn codes(&self, pixels: &RgbImage) -> Vec<FoundCode> {
        let Some(limits) = &self.sought.codes else {
            return Vec::new();
        };
        let timer = self.metrics.image(ImageStage::Codes);
        let found = codes::find(&image::imageops::grayscale(pixels), limits);
        drop(timer);
        self.metrics.page_codes(found.len());
        found
    }

    fn page(
        &self,
        pixels: &RgbImage,
        reader: &dyn ReadPage,
        until: Option<Instant>,
    ) -> PageReading {
        Ok(PageText {
            width: pixels.width(),
            height: pixels.height(),
            lines: self.lines(pixels, reader, until)?,
        })
    }

    /// Returns the lines that the page reader finds.
    fn lines(
        &self,
        pixels: &RgbImage,
        reader: &dyn ReadPage,
        until: Option<Instant>,
    ) -> Result<Vec<TextLine>, Unread> {
        let timer = self.metrics.image(ImageStage::Text);
        let lines = reader.read(pixels, until);
        drop(timer);
        let outcome = match &lines {
            Ok(lines) => TextOutcome::Read(lines.len()),
            Err(OcrError::Late) => TextOutcome::Late,
            Err(_) => TextOutcome::Failed,
        };
        self.metrics.page_text(outcome);
        lines.map_err(|error| {
            tracing::warn!(%error, "the text of a page was not read");
            match error {
                OcrError::Late => Unread::Late,
                // Nets that load but do not run are not those of a page reader.
                _ => Unread::Unloaded,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, time::Duration};

    use bytes::Bytes;

    use super::*;
    use crate::{
        image::DecodeLimits,
        ocr::{Ocr, OcrSettings, ReaderSource, for_tests},
    };

    const LIMITS: Limits = Limits {
        decode: DecodeLimits {
            max_side: 1000,
            max_pixels: 200_000,
            max_aspect_ratio: 50.0,
        },
        max_pages: 3,
        pdf_dots_per_inch: 72.0,
    };

    const SETTINGS: OcrSettings = OcrSettings {
        max_pixels: 600_000,
        max_lines: 100,
        max_time: Duration::from_mins(10),
        max_document_time: Duration::from_mins(10),
        threads: 1,
    };

    fn bench(reader: Option<Ocr>) -> TextBench {
        TextBench {
            limits: LIMITS,
            metrics: Arc::default(),
            reader: reader.map(|reader| Arc::new(reader) as Arc<dyn ReadPage>),
            wanted: PageSelection::default(),
            sought: PageSought::TEXT,
        }
    }

    /// Reads all pages.
    fn read(bench: &TextBench, files: &[EncodedImage]) -> Result<Vec<PageReading>, ImageError> {
        let readings = bench.read(files)?;
        Ok(readings
            .into_iter()
            .flatten()
            .map(|page| page.text)
            .collect())
    }

    fn reader(folder: &std::path::Path) -> Ocr {
        Ocr::new(ReaderSource::Folder(folder.to_owned()), SETTINGS)
    }

    fn png(page: &RgbImage) -> EncodedImage {
        let mut bytes = Cursor::new(Vec::new());
        page.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        EncodedImage::new(Bytes::from(bytes.into_inner()), 1_000_000).unwrap()
    }

    fn pdf() -> EncodedImage {
        let file = include_bytes!("../../tests/fixtures/two-pages.pdf");
        EncodedImage::new(Bytes::from_static(file), 1_000_000).unwrap()
    }

    #[test]
    fn each_page_of_all_files_has_its_entry() {
        let folder = for_tests::folder("AB ");
        let bench = bench(Some(reader(folder.path())));
        let written = png(&for_tests::page(&[(40, 40, "AB BA")]));
        let readings = read(&bench, &[pdf(), written]).unwrap();
        let [Ok(_), Ok(_), Ok(text)] = &readings[..] else {
            panic!("{readings:?}");
        };
        assert_eq!((text.width, text.height), (320, 256));
        assert_eq!(text.lines[0].text(), "AB BA");
        let blank = read(&bench, &[png(&for_tests::page(&[]))]).unwrap();
        assert_eq!(blank[0].as_ref().map(|text| text.lines.len()), Ok(0));
    }

    #[test]
    fn pages_that_are_not_read_say_why() {
        let page = || png(&for_tests::page(&[(40, 40, "AB")]));
        let off = read(&bench(None), &[page(), pdf()]).unwrap();
        // A PDF's own text needs no reader, where it is large enough to be seen: on the first page at this size.
        let [Err(Unread::Off), Ok(first), Err(Unread::Off)] = &off[..] else {
            panic!("{off:?}");
        };
        assert_eq!(first.lines[0].text(), "CV Contoh Niaga");
        let nowhere = reader(std::path::Path::new("nowhere"));
        let unloaded = read(&bench(Some(nowhere)), &[page()]).unwrap();
        assert_eq!(unloaded, [Err(Unread::Unloaded)]);
    }

    #[test]
    fn only_wanted_pages_are_read() {
        let folder = for_tests::folder("AB ");
        let written = png(&for_tests::page(&[(40, 40, "AB BA")]));
        let cut = EncodedImage::new(written.bytes.slice(..written.bytes.len() / 2), 1_000_000);
        let bench = TextBench {
            wanted: PageSelection::of(vec![1..=1]),
            ..bench(Some(reader(folder.path())))
        };
        // A picture that is not wanted is not even decoded.
        let readings = bench.read(&[cut.unwrap(), written]).unwrap();
        let [None, Some(PageFindings { text: Ok(text), .. })] = &readings[..] else {
            panic!("{readings:?}");
        };
        assert_eq!(text.lines[0].text(), "AB BA");
        let readings = bench.read(&[pdf()]).unwrap();
        assert!(
            matches!(readings[..], [None, Some(PageFindings { text: Ok(_), .. })]),
            "{readings:?}"
        );
    }

    #[test]
    fn the_time_for_a_document_bounds_all_its_pages() {
        let folder = for_tests::folder("AB ");
        let settings = OcrSettings {
            max_document_time: Duration::ZERO,
            ..SETTINGS
        };
        let reader = Ocr::new(ReaderSource::Folder(folder.path().to_owned()), settings);
        let page = || png(&for_tests::page(&[(40, 40, "AB")]));
        let readings = read(&bench(Some(reader)), &[page(), page()]).unwrap();
        assert_eq!(readings, [Err(Unread::Late), Err(Unread::Late)]);
    }

    #[test]
    fn too_many_pages_and_broken_files_are_refused() {
        let off = bench(None);
        let page = png(&for_tests::page(&[]));
        let refused = off.read(&[pdf(), page.clone(), page.clone()]).unwrap_err();
        assert!(
            refused.to_string().contains("more than 3 pages"),
            "{refused}"
        );
        let cut = EncodedImage::new(page.bytes.slice(..page.bytes.len() / 2), 1_000_000).unwrap();
        let folder = for_tests::folder("AB ");
        let refused = bench(Some(reader(folder.path()))).read(&[page, cut]);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("File 2 of 2"), "{refused}");
    }
}
