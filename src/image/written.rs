//! The text of files' pages, laid out as it is printed, for a model that is shown it.

use super::{BlankPages, ImageError, NoText, Survey};
use crate::page::{PageReading, Unread};

/// The text of the pages of several files, which a model is shown in place of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPages {
    /// The text of each file's pages.
    pub files: Vec<String>,
    /// The number of pages that are shown.
    pub shown: usize,
    /// The numbers of the blank pages left out, counted from 1 over all files.
    pub blank: Vec<usize>,
}

impl WrittenPages {
    /// Lays out the text of `pages`, those of the surveyed files in order. A blank page is left out; where blank pages
    /// are read like others, only if no text was found on it.
    ///
    /// # Errors
    /// [`ImageError::NothingToRead`] if all pages are blank, and [`ImageError::NoText`] for another page without text.
    pub fn of(
        pages: &[PageReading],
        survey: &Survey,
        treatment: BlankPages,
    ) -> Result<Self, ImageError> {
        let all = survey.pages.iter().sum();
        let leaves_out = treatment == BlankPages::LeaveOut;
        if leaves_out && survey.blank.len() == all {
            return Err(ImageError::NothingToRead { pages: all });
        }
        let mut texts = Vec::new();
        for number in 1..=all {
            let is_blank = survey.blank.contains(&number);
            if is_blank && leaves_out {
                continue;
            }
            match text_of(pages, number) {
                Ok(text) => texts.push((number, text)),
                Err(_) if is_blank => {}
                Err(cause) => {
                    return Err(ImageError::NoText {
                        page: number,
                        cause,
                    });
                }
            }
        }
        if texts.is_empty() {
            return Err(ImageError::NoText {
                page: 1,
                cause: NoText::Nothing,
            });
        }
        let headed = headed(texts, all);
        let mut files = vec![Vec::new(); survey.pages.len()];
        let shown = headed.len();
        for (number, text) in headed {
            if let Some(file) = files.get_mut(survey.file_of(number)) {
                file.push(text);
            }
        }
        Ok(Self {
            files: files.iter().map(|texts| texts.join("\n\n")).collect(),
            shown,
            blank: if leaves_out {
                survey.blank.clone()
            } else {
                Vec::new()
            },
        })
    }

    /// Returns the text of all pages.
    #[must_use]
    pub fn all(&self) -> String {
        let files: Vec<_> = self.files.iter().map(String::as_str).collect();
        let files: Vec<_> = files.into_iter().filter(|text| !text.is_empty()).collect();
        files.join("\n\n")
    }
}

/// Returns the text of `pages` for a model that sees their pictures too: of all pages with text, except for those
/// numbered in `blank`. It is empty if no text is known.
#[must_use]
pub fn text_beside(pages: &[PageReading], blank: &[usize]) -> String {
    let numbers = (1..=pages.len()).filter(|number| !blank.contains(number));
    let texts = numbers.filter_map(|number| Some((number, text_of(pages, number).ok()?)));
    let texts = headed(texts.collect(), pages.len());
    let texts: Vec<_> = texts.into_iter().map(|(_, text)| text).collect();
    texts.join("\n\n")
}

/// Returns the layout of a page without blank lines around it.
fn text_of(pages: &[PageReading], number: usize) -> Result<String, NoText> {
    // The log has the cause if no page was read at all.
    let reading = pages.get(number - 1).unwrap_or(&Err(Unread::Unloaded));
    let text = reading.as_ref().map_err(|unread| NoText::Unread(*unread))?;
    let text = text.to_layout();
    let text = text.trim_end().trim_start_matches('\n');
    if text.trim().is_empty() {
        return Err(NoText::Nothing);
    }
    Ok(text.to_owned())
}

/// Puts a heading above the text of each page, unless there is only one.
fn headed(mut texts: Vec<(usize, String)>, all: usize) -> Vec<(usize, String)> {
    if texts.len() > 1 {
        for (number, text) in &mut texts {
            *text = format!("Page {number} of {all}\n{text}");
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{PageBox, PageText, TextLine, TextSource, Word};

    fn page(text: &str) -> PageText {
        let word = Word {
            text: text.to_owned(),
            area: PageBox {
                x: 0.1,
                y: 0.1,
                width: 0.2,
                height: 0.05,
            },
            confidence: 1.0,
            alternatives: Vec::new(),
        };
        let line = TextLine {
            words: vec![word],
            source: TextSource::Reader,
        };
        PageText {
            width: 100,
            height: 100,
            lines: vec![line],
        }
    }

    fn empty() -> PageText {
        PageText::default()
    }

    fn survey(pages: &[usize], blank: &[usize]) -> Survey {
        Survey {
            pages: pages.to_vec(),
            blank: blank.to_vec(),
        }
    }

    /// The number of the page without text, and why.
    fn missing(
        pages: &[PageReading],
        survey: &Survey,
        treatment: BlankPages,
    ) -> Option<(usize, NoText)> {
        match WrittenPages::of(pages, survey, treatment) {
            Err(ImageError::NoText { page, cause }) => Some((page, cause)),
            _ => None,
        }
    }

    #[test]
    fn each_page_stands_in_its_file_under_a_heading() {
        let pages = ["one", "two", "three"].map(|text| Ok(page(text)));
        let written = WrittenPages::of(&pages, &survey(&[2, 1], &[]), BlankPages::LeaveOut);
        let written = written.unwrap();
        let first = "Page 1 of 3\none\n\nPage 2 of 3\ntwo";
        assert_eq!(written.files, [first, "Page 3 of 3\nthree"]);
        assert_eq!(written.all(), format!("{first}\n\nPage 3 of 3\nthree"));
        assert_eq!(text_beside(&pages, &[]), written.all());
        let alone = WrittenPages::of(&pages[..1], &survey(&[1], &[]), BlankPages::LeaveOut);
        assert_eq!(alone.unwrap().files, ["one"]);
    }

    #[test]
    fn blank_pages_are_left_out() {
        let pages = [page("one"), page("shadow"), page("three"), empty()].map(Ok);
        let survey = survey(&[1, 2, 1], &[2, 4]);
        let written = WrittenPages::of(&pages, &survey, BlankPages::LeaveOut).unwrap();
        assert_eq!(
            written.files,
            ["Page 1 of 4\none", "Page 3 of 4\nthree", ""]
        );
        assert_eq!((written.shown, &written.blank[..]), (2, &[2, 4][..]));
        assert_eq!(written.all(), "Page 1 of 4\none\n\nPage 3 of 4\nthree");
        assert_eq!(text_beside(&pages, &survey.blank), written.all());
        let read = WrittenPages::of(&pages, &survey, BlankPages::Read).unwrap();
        assert_eq!((read.shown, &read.blank[..]), (3, &[][..]));
        assert!(read.files[1].starts_with("Page 2 of 4\nshadow"));
    }

    #[test]
    fn a_page_without_text_is_an_error() {
        let (of, leave_out) = (survey(&[1, 2], &[]), BlankPages::LeaveOut);
        let pages = [Ok(page("one")), Err(Unread::Late), Ok(empty())];
        let late = NoText::Unread(Unread::Late);
        assert_eq!(missing(&pages, &of, leave_out), Some((2, late)));
        let pages = [page("one"), page("two"), empty()].map(Ok);
        assert_eq!(missing(&pages, &of, leave_out), Some((3, NoText::Nothing)));
        let unloaded = NoText::Unread(Unread::Unloaded);
        assert_eq!(missing(&[], &of, leave_out), Some((1, unloaded)));
        assert_eq!(text_beside(&pages[2..], &[]), "");
        assert_eq!(text_beside(&pages[1..], &[]), "two");
        // Blank pages alone are nothing to read, or have no text.
        let blank = survey(&[2], &[1, 2]);
        let nothing = WrittenPages::of(&pages, &blank, leave_out);
        assert!(matches!(
            nothing,
            Err(ImageError::NothingToRead { pages: 2 })
        ));
        let pages = [Ok(empty()), Err(Unread::Off)];
        let nothing = Some((1, NoText::Nothing));
        assert_eq!(missing(&pages, &blank, BlankPages::Read), nothing);
    }

    #[test]
    fn surveys_add_up() {
        let mut all = survey(&[2, 1], &[2]);
        all.append(&survey(&[3], &[1, 3]));
        assert_eq!(all, survey(&[2, 1, 3], &[2, 4, 6]));
        let files: Vec<_> = (1..=6).map(|page| all.file_of(page)).collect();
        assert_eq!(files, [0, 0, 1, 2, 2, 2]);
    }
}
