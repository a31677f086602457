//! Finds the files of a page reader: in the program, in a folder, or in one that is downloaded first.

use std::{
    borrow::Cow,
    fmt, fs,
    path::{Path, PathBuf},
};

use rust_embed::RustEmbed;
use serde::Deserialize;

use super::{
    OcrError,
    form::{OURS, PP_OCR, ReaderForm},
};

/// The file that describes a model of the gateway's own form.
const CARD: &str = "reader.toml";
const CHARACTERS: &str = "characters.txt";
const DETECTION: &str = "detection.onnx";
const RECOGNITION: &str = "recognition.onnx";

/// The page reader that is part of the program.
#[derive(RustEmbed)]
#[folder = "models/page-reader"]
struct EmbeddedReader;

/// Where the files of a page reader are.
pub enum ReaderSource {
    /// In the program.
    Embedded,
    /// In a folder.
    Folder(PathBuf),
    /// In a folder that is only known once it is needed.
    Elsewhere(Box<dyn FindReader>),
}

impl fmt::Debug for ReaderSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("Embedded"),
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Elsewhere(_) => f.write_str("Elsewhere"),
        }
    }
}

/// Finds the folder of a page reader, and downloads it if needed.
pub trait FindReader: Send + Sync {
    /// Returns the folder. May block.
    ///
    /// # Errors
    /// [`OcrError::Download`].
    fn folder(&self) -> Result<PathBuf, OcrError>;
}

/// The characters of a recogniser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Characters {
    /// The character of each class but the blank, in order.
    Listed(Vec<String>),
    /// Those that the recogniser's own file states.
    InNet,
}

/// The files of a page reader, in memory.
pub struct ReaderFiles {
    pub form: ReaderForm,
    pub detection: Cow<'static, [u8]>,
    pub recognition: Cow<'static, [u8]>,
    pub characters: Characters,
}

/// What [`CARD`] must say; a card may say more for people.
#[derive(Deserialize)]
struct Card {
    form: String,
}

impl ReaderSource {
    /// Names the files: the embedded ones by their content.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Embedded => {
                let mut hasher = blake3::Hasher::new();
                for name in [CARD, CHARACTERS, DETECTION, RECOGNITION] {
                    if let Some(file) = EmbeddedReader::get(name) {
                        hasher.update(&file.data);
                    }
                }
                format!("embedded {}", hasher.finalize().to_hex())
            }
            other => format!("{other:?}"),
        }
    }
}

impl ReaderFiles {
    /// Reads the files at `source`.
    pub fn read(source: &ReaderSource) -> Result<Self, OcrError> {
        match source {
            ReaderSource::Embedded => ours(embedded, Path::new("the embedded page reader")),
            ReaderSource::Folder(folder) => in_folder(folder),
            ReaderSource::Elsewhere(find) => in_folder(&find.folder()?),
        }
    }
}

fn embedded(name: &str) -> Result<Cow<'static, [u8]>, OcrError> {
    let file = EmbeddedReader::get(name).ok_or_else(|| {
        let reason = "is not part of this build; name a folder or a repository in reader.model";
        OcrError::file(Path::new(name), reason)
    })?;
    Ok(file.data)
}

fn in_folder(folder: &Path) -> Result<ReaderFiles, OcrError> {
    if !folder.is_dir() {
        return Err(OcrError::file(folder, "there is no such folder"));
    }
    if folder.join(CARD).is_file() {
        let read = |name: &str| bytes(&folder.join(name)).map(Cow::Owned);
        return ours(read, folder);
    }
    pp_ocr(folder)
}

/// Reads a model of the gateway's own form.
fn ours(
    read: impl Fn(&str) -> Result<Cow<'static, [u8]>, OcrError>,
    place: &Path,
) -> Result<ReaderFiles, OcrError> {
    let card = text(read(CARD)?, &place.join(CARD))?;
    let card: Card = toml::from_str(&card)
        .map_err(|error| OcrError::file(&place.join(CARD), error.message()))?;
    if card.form != "receipt-gateway" {
        let reason = format!("form must be \"receipt-gateway\", but is {:?}", card.form);
        return Err(OcrError::file(&place.join(CARD), reason));
    }
    let characters = text(read(CHARACTERS)?, &place.join(CHARACTERS))?;
    let characters = characters.trim_end_matches(['\r', '\n']);
    if characters.is_empty() || characters.contains('\n') {
        let reason = "must be one line with the characters in the order of their classes";
        return Err(OcrError::file(&place.join(CHARACTERS), reason));
    }
    Ok(ReaderFiles {
        form: OURS,
        detection: read(DETECTION)?,
        recognition: read(RECOGNITION)?,
        characters: Characters::Listed(characters.chars().map(String::from).collect()),
    })
}

/// Reads a model of PP-OCR's form: a file `*det*.onnx` and a file `*rec*.onnx`, and the characters in the latter or,
/// one a line, in a file `*.txt`.
fn pp_ocr(folder: &Path) -> Result<ReaderFiles, OcrError> {
    let entries =
        fs::read_dir(folder).map_err(|error| OcrError::file(folder, error.to_string()))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<_> = names.collect();
    let detection = only(folder, &names, |name| does(name, "det"), "one *det*.onnx")?;
    let recognition = only(folder, &names, |name| does(name, "rec"), "one *rec*.onnx")?;
    let is_text = |name: &str| Path::new(name).extension().is_some_and(|it| it == "txt");
    let characters = if names.iter().any(|name| is_text(name)) {
        let path = only(folder, &names, is_text, "one *.txt with the characters")?;
        Characters::Listed(listed(&text(Cow::Owned(bytes(&path)?), &path)?))
    } else {
        Characters::InNet
    };
    Ok(ReaderFiles {
        form: PP_OCR,
        detection: Cow::Owned(bytes(&detection)?),
        recognition: Cow::Owned(bytes(&recognition)?),
        characters,
    })
}

/// Returns the characters of a list in PP-OCR's form; a blank follows the listed ones.
pub fn listed(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::to_owned);
    lines.chain([" ".to_owned()]).collect()
}

/// Returns whether the file is a net for the `task`, which its name has at the beginning of a word.
fn does(name: &str, task: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".onnx").is_some_and(|name| {
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word.starts_with(task))
    })
}

fn only(
    folder: &Path,
    names: &[String],
    is_wanted: impl Fn(&str) -> bool,
    expected: &str,
) -> Result<PathBuf, OcrError> {
    let found: Vec<_> = names.iter().filter(|name| is_wanted(name)).collect();
    if let [name] = found[..] {
        return Ok(folder.join(name));
    }
    let reason = format!(
        "is no folder of a page reader: it has no {CARD}, and of the files of PP-OCR's form {expected} was expected, \
         but {} are there",
        found.len()
    );
    Err(OcrError::file(folder, reason))
}

fn bytes(path: &Path) -> Result<Vec<u8>, OcrError> {
    fs::read(path).map_err(|error| OcrError::file(path, error.to_string()))
}

fn text(bytes: Cow<'static, [u8]>, path: &Path) -> Result<String, OcrError> {
    String::from_utf8(bytes.into_owned()).map_err(|_| OcrError::file(path, "is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, contents) in files {
            fs::write(folder.path().join(name), contents).unwrap();
        }
        folder
    }

    fn read(files: &[(&str, &str)]) -> Result<ReaderFiles, OcrError> {
        ReaderFiles::read(&ReaderSource::Folder(folder(files).path().to_owned()))
    }

    const CARD_TEXT: (&str, &str) = ("reader.toml", "form = \"receipt-gateway\"\nrows = 32\n");
    const NETS: [(&str, &str); 2] = [("detection.onnx", "d"), ("recognition.onnx", "r")];

    #[test]
    fn a_folder_with_a_card_is_of_our_form() {
        let files = read(&[CARD_TEXT, NETS[0], NETS[1], ("characters.txt", "a€ \n")]).unwrap();
        assert_eq!(files.form, OURS);
        assert_eq!(
            (&*files.detection, &*files.recognition),
            (&b"d"[..], &b"r"[..])
        );
        let characters = ["a", "€", " "].map(str::to_owned).to_vec();
        assert_eq!(files.characters, Characters::Listed(characters));
    }

    #[test]
    fn a_folder_without_a_card_is_of_the_form_of_pp_ocr() {
        let nets = [
            ("v6_det_small.onnx", "d"),
            ("v6_rec_small.onnx", "r"),
            ("direction.onnx", "c"),
        ];
        let files = read(&nets).unwrap();
        assert_eq!(files.form, PP_OCR);
        assert_eq!(files.characters, Characters::InNet);
        let files = read(&[nets[0], nets[1], ("keys.txt", "一\nb\n")]).unwrap();
        let characters = ["一", "b", " "].map(str::to_owned).to_vec();
        assert_eq!(files.characters, Characters::Listed(characters));
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_told() {
        let told = |files: &[(&str, &str)]| match read(files) {
            Ok(_) => panic!("it is accepted"),
            Err(error) => error.to_string(),
        };
        assert!(told(&[]).contains("one *det*.onnx was expected, but 0 are there"));
        assert!(told(&[NETS[0]]).contains("one *rec*.onnx"));
        assert!(told(&[NETS[0], ("det.onnx", "")]).contains("2 are there"));
        assert!(told(&[("reader.toml", "form = \"x\"")]).contains("but is \"x\""));
        assert!(told(&[("reader.toml", "")]).contains("missing field `form`"));
        assert!(told(&[CARD_TEXT, NETS[0], NETS[1]]).contains("characters.txt"));
        assert!(
            told(&[CARD_TEXT, NETS[0], NETS[1], ("characters.txt", "a\nb")]).contains("one line")
        );
        let nowhere = ReaderSource::Folder("nowhere/at-all".into());
        let error = ReaderFiles::read(&nowhere).err().unwrap().to_string();
        assert_eq!(error, "nowhere/at-all: there is no such folder");
    }
}
