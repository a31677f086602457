//! The files that the words of a command line name.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;
use glob::MatchOptions;
use walkdir::WalkDir;

use super::reader::FileFault;

/// The endings of the files that are read in a folder.
const ENDINGS: [&str; 17] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "jfi", "pjpeg", "pjp", "webp", "gif", "tif", "tiff",
    "bmp", "dib", "pdf", "xml", "p7m",
];
/// The endings of pictures of phones and cameras that the gateway cannot read. They are reported, not skipped.
const UNREAD_ENDINGS: [&str; 6] = ["heic", "heif", "heics", "heifs", "hif", "avif"];
/// The most bytes of a file, so that a larger one does not fill the memory before a gateway refuses it.
const MAX_BYTES: u64 = 64 << 20;

/// One file to read.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Its name in records and messages.
    pub name: String,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    File(PathBuf),
    Stdin,
    /// Nothing to read; the fault is reported in the file's turn.
    Nothing(FileFault),
    /// A file of an unsupported format, which is reported likewise.
    Unread(PathBuf, FileFault),
}

impl InputFile {
    fn nothing(path: &Path, code: &str, message: &str) -> Self {
        Self {
            name: name(path),
            source: Source::Nothing(FileFault::new(code, message)),
        }
    }

    /// Returns the path of the file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) | Source::Unread(path, _) => Some(path),
            Source::Stdin | Source::Nothing(_) => None,
        }
    }

    /// Returns whether it is standard input.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        matches!(self.source, Source::Stdin)
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// Fails for a file that does not exist, cannot be read, is empty or is too large.
    pub async fn bytes(&self) -> Result<Bytes, FileFault> {
        let source = self.source.clone();
        let read = move || match source {
            Source::File(path) => take(File::open(path)),
            Source::Stdin => take(Ok(io::stdin().lock())),
            Source::Nothing(fault) | Source::Unread(_, fault) => Err(fault),
        };
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or_else(|error| Err(FileFault::new("unreadable", error.to_string())))
    }
}

fn take(opened: io::Result<impl Read>) -> Result<Bytes, FileFault> {
    let mut bytes = Vec::new();
    let read = opened.and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(FileFault::new("not_found", "There is no such file."))
        }
        Err(error) => Err(FileFault::new("unreadable", error.to_string())),
        Ok(0) => Err(FileFault::new(
            "empty",
            "The file is empty; it has no picture to read.",
        )),
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            let most = MAX_BYTES >> 20;
            Err(FileFault::new(
                "file_too_large",
                format!("The file is larger than {most} MiB, the limit; send a smaller picture."),
            ))
        }
        Ok(_) => Ok(bytes.into()),
    }
}

/// Finds the files that `words` name, each once, in the order of the words.
///
/// A folder stands for the pictures, PDFs and XML e-invoices below it, a pattern for the paths that match it, `-` for standard
/// input. A file that does not exist is among them, as an input that fails.
#[must_use]
pub fn find(words: &[PathBuf]) -> Vec<InputFile> {
    Found::default().all(words)
}

/// Finds the files that `words` name as [`find`] does, except that a folder is an input that fails.
#[must_use]
pub fn find_files(words: &[PathBuf]) -> Vec<InputFile> {
    let found = Found {
        refuses_folders: true,
        ..Found::default()
    };
    found.all(words)
}

fn is_pattern(word: &Path) -> bool {
    word.to_string_lossy().contains(['*', '?', '['])
}

/// Returns whether the file's name has one of `endings`.
fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Returns whether the file's first bytes are those of a supported picture format.
fn is_readable(path: &Path) -> bool {
    let mut begin = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok_and(|()| {
        let format = image::guess_format(&begin);
        format.is_ok_and(|format| format != image::ImageFormat::Avif)
    })
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[derive(Default)]
struct Found {
    inputs: Vec<InputFile>,
    /// The canonical paths of the inputs, since one file may be named in several ways.
    seen: HashSet<PathBuf>,
    /// Whether folders are not read.
    refuses_folders: bool,
}

impl Found {
    fn all(mut self, words: &[PathBuf]) -> Vec<InputFile> {
        for word in words {
            if word == Path::new("-") {
                self.stdin();
            } else if word.exists() || !is_pattern(word) {
                self.path(word);
            } else {
                self.pattern(word);
            }
        }
        self.inputs
    }

    fn stdin(&mut self) {
        if !self.inputs.iter().any(InputFile::is_stdin) {
            self.inputs.push(InputFile {
                name: "-".to_owned(),
                source: Source::Stdin,
            });
        }
    }

    fn path(&mut self, path: &Path) {
        if path.is_dir() && self.refuses_folders {
            let message = "This is a folder; name the files in it.";
            self.inputs
                .push(InputFile::nothing(path, "folder", message));
        } else if path.is_dir() {
            self.folder(path);
        } else {
            self.file(path);
        }
    }

    fn file(&mut self, path: &Path) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(identity) {
            self.inputs.push(InputFile {
                name: name(path),
                source: Source::File(path.to_owned()),
            });
        }
    }

    fn folder(&mut self, folder: &Path) {
        let entries = WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        for entry in entries {
            match entry {
                Ok(entry) if !entry.file_type().is_file() => {}
                Ok(entry) if ends_in(entry.path(), &ENDINGS) => self.file(entry.path()),
                Ok(entry) if ends_in(entry.path(), &UNREAD_ENDINGS) => self.unread(entry.path()),
                Ok(_) => {}
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => self.unreadable(error.path().unwrap_or(folder), &error.to_string()),
            }
        }
    }

    fn pattern(&mut self, pattern: &Path) {
        // As in a shell: a star matches neither a hidden file nor a slash.
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let matches = match glob::glob_with(&pattern.to_string_lossy(), options) {
            Ok(matches) => matches,
            Err(error) => {
                let message = format!("This pattern is not valid: {error}.");
                self.inputs
                    .push(InputFile::nothing(pattern, "bad_pattern", &message));
                return;
            }
        };
        let mut paths = Vec::new();
        for path in matches {
            match path {
                Ok(path) => paths.push(path),
                Err(error) => self.unreadable(error.path(), &error.error().to_string()),
            }
        }
        if paths.is_empty() {
            let none = InputFile::nothing(pattern, "not_found", "No file matches this pattern.");
            self.inputs.push(none);
        }
        paths.sort();
        for path in paths {
            self.path(&path);
        }
    }

    /// Adds a file that is named like an unsupported picture. Phones name some JPEGs so; those are read.
    fn unread(&mut self, path: &Path) {
        if is_readable(path) {
            self.file(path);
            return;
        }
        let message =
            "HEIC, HEIF and AVIF pictures are not supported; convert this one to JPEG or PNG.";
        let fault = FileFault::new("unsupported_image", message);
        self.inputs.push(InputFile {
            name: name(path),
            source: Source::Unread(path.to_owned(), fault),
        });
    }

    fn unreadable(&mut self, path: &Path, message: &str) {
        self.inputs
            .push(InputFile::nothing(path, "unreadable", message));
    }
}

/// Returns the name of a path in records: without `./` in front, and with `\xFC` for a byte that is not UTF-8,
/// so that two files never share a name.
fn name(path: &Path) -> String {
    let plain: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    let mut name = String::new();
    for chunk in plain.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(name, "\\x{byte:02X}");
        }
    }
    name
}

#[cfg(test)]
mod tests;
