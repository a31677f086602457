//! Reads the text of pages: decodes each, and asks the page reader.

use std::sync::Arc;

use image::RgbImage;

use super::{EncodedImage, ImageError, ImageFormat, Limits, PagePosition, decode, pdf};
use crate::{
    metrics::{ImageStage, Metrics, TextOutcome},
    ocr::{OcrError, ReadPage},
    page::{PageReading, PageText, TextLine, Unread},
};

/// Reads the text of files on a blocking thread.
pub struct TextBench {
    pub limits: Limits,
    pub metrics: Arc<Metrics>,
    pub reader: Option<Arc<dyn ReadPage>>,
}

impl TextBench {
    /// Returns the text of each page of all files, in order.
    pub fn read(&self, files: &[EncodedImage]) -> Result<Vec<PageReading>, ImageError> {
        let mut readings = Vec::with_capacity(files.len());
        for (file, number) in files.iter().zip(1..) {
            let place = PagePosition::file(number, files.len());
            let left = self.limits.max_pages.saturating_sub(readings.len());
            let found = self.file(file, place, left);
            readings.extend(found.map_err(|error| error.at(place))?);
        }
        Ok(readings)
    }

    fn file(
        &self,
        file: &EncodedImage,
        place: PagePosition,
        left: usize,
    ) -> Result<Vec<PageReading>, ImageError> {
        let too_many = ImageError::TooManyPages {
            limit: self.limits.max_pages,
        };
        if left == 0 {
            return Err(too_many);
        }
        if file.format == ImageFormat::Pdf {
            return self.pdf(file, left);
        }
        let pages = decode::pages(file)?;
        if pages > left {
            return Err(too_many);
        }
        let readings = (1..=pages).map(|page| {
            let Some(reader) = &self.reader else {
                return Ok(Err(Unread::Off));
            };
            let place = PagePosition {
                page: (page, pages),
                ..place
            };
            let timer = self.metrics.image(ImageStage::Decode);
            let pixels = decode::decode(file, page - 1, self.limits.decode)
                .map_err(|error| ImageError::from(error).at(place))?;
            drop(timer);
            Ok(self.page(&pixels, &**reader))
        });
        readings.collect()
    }

    /// Returns the text of the pages of a PDF.
    fn pdf(&self, file: &EncodedImage, left: usize) -> Result<Vec<PageReading>, ImageError> {
        let timer = self.metrics.image(ImageStage::Decode);
        let pages = pdf::read(&file.bytes, self.limits.pdf(left))?;
        drop(timer);
        let readings = pages.into_iter().map(|page| {
            page.text
                .completed(&page.picture, |part| match &self.reader {
                    Some(reader) => self.lines(part, &**reader),
                    None => Err(Unread::Off),
                })
        });
        Ok(readings.collect())
    }

    fn page(&self, pixels: &RgbImage, reader: &dyn ReadPage) -> PageReading {
        Ok(PageText {
            width: pixels.width(),
            height: pixels.height(),
            lines: self.lines(pixels, reader)?,
        })
    }

    /// Returns the lines that the page reader finds.
    fn lines(&self, pixels: &RgbImage, reader: &dyn ReadPage) -> Result<Vec<TextLine>, Unread> {
        let timer = self.metrics.image(ImageStage::Text);
        let lines = reader.read(pixels);
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

    fn bench(reader: Option<Ocr>) -> TextBench {
        TextBench {
            limits: LIMITS,
            metrics: Arc::default(),
            reader: reader.map(|reader| Arc::new(reader) as Arc<dyn ReadPage>),
        }
    }

    fn reader(folder: &std::path::Path) -> Ocr {
        let settings = OcrSettings {
            max_pixels: 600_000,
            max_lines: 100,
            max_time: Duration::from_mins(10),
            threads: 1,
        };
        Ocr::new(ReaderSource::Folder(folder.to_owned()), settings)
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
        let readings = bench.read(&[pdf(), written]).unwrap();
        let [Ok(_), Ok(_), Ok(text)] = &readings[..] else {
            panic!("{readings:?}");
        };
        assert_eq!((text.width, text.height), (320, 256));
        assert_eq!(text.lines[0].text(), "AB BA");
        let blank = bench.read(&[png(&for_tests::page(&[]))]).unwrap();
        assert_eq!(blank[0].as_ref().map(|text| text.lines.len()), Ok(0));
    }

    #[test]
    fn pages_that_are_not_read_say_why() {
        let page = || png(&for_tests::page(&[(40, 40, "AB")]));
        let off = bench(None).read(&[page(), pdf()]).unwrap();
        // A PDF's own text needs no reader, where it is large enough to be seen: on the first page at this size.
        let [Err(Unread::Off), Ok(first), Err(Unread::Off)] = &off[..] else {
            panic!("{off:?}");
        };
        assert_eq!(first.lines[0].text(), "CV Contoh Niaga");
        let nowhere = reader(std::path::Path::new("nowhere"));
        let unloaded = bench(Some(nowhere)).read(&[page()]).unwrap();
        assert_eq!(unloaded, [Err(Unread::Unloaded)]);
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
