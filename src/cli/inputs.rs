//! From the words of a command line to the files that it means.

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

use super::reader::Fault;

/// What a folder is searched for.
const ENDINGS: [&str; 15] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "jfi", "pjpeg", "pjp", "webp", "gif", "tif", "tiff",
    "bmp", "dib", "pdf",
];
/// What phones and cameras write and nothing here reads; it is told, and not left out in silence.
const UNREAD_ENDINGS: [&str; 6] = ["heic", "heif", "heics", "heifs", "hif", "avif"];
/// No receipt is larger; a file that is would fill the memory before a gateway can refuse it.
const MAX_BYTES: u64 = 64 << 20;

/// One file to read.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name it has in records and messages.
    pub name: String,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    File(PathBuf),
    Stdin,
    /// There is nothing to read; it is told when its turn comes, like every fault.
    Nothing(Fault),
    /// A file of a format that is not read, which is told likewise.
    Unread(PathBuf, Fault),
}

impl Input {
    fn nothing(path: &Path, code: &str, message: &str) -> Self {
        Self {
            name: name(path),
            source: Source::Nothing(Fault::new(code, message)),
        }
    }

    /// Where the file lies, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) | Source::Unread(path, _) => Some(path),
            Source::Stdin | Source::Nothing(_) => None,
        }
    }

    /// Whether it is standard input.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        matches!(self.source, Source::Stdin)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// A file that is not there, cannot be read, is empty or far too large.
    pub async fn bytes(&self) -> Result<Bytes, Fault> {
        let source = self.source.clone();
        let read = move || match source {
            Source::File(path) => take(File::open(path)),
            Source::Stdin => take(Ok(io::stdin().lock())),
            Source::Nothing(fault) | Source::Unread(_, fault) => Err(fault),
        };
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or_else(|error| Err(Fault::new("unreadable", error.to_string())))
    }
}

fn take(opened: io::Result<impl Read>) -> Result<Bytes, Fault> {
    let mut bytes = Vec::new();
    let read = opened.and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Fault::new("not_found", "There is no such file."))
        }
        Err(error) => Err(Fault::new("unreadable", error.to_string())),
        Ok(0) => Err(Fault::new("empty", "The file is empty.")),
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            let most = MAX_BYTES >> 20;
            Err(Fault::new(
                "file_too_large",
                format!("The file is larger than {most} MiB."),
            ))
        }
        Ok(_) => Ok(bytes.into()),
    }
}

/// The files that `words` mean, each once, in the order in which they are named.
///
/// A folder stands for the pictures below it, a pattern for what matches it, `-` for standard
/// input. What is not there is among them, as an input that fails.
#[must_use]
pub fn find(words: &[PathBuf]) -> Vec<Input> {
    let mut found = Found::default();
    for word in words {
        if word == Path::new("-") {
            found.stdin();
        } else if word.exists() || !is_pattern(word) {
            found.path(word);
        } else {
            found.pattern(word);
        }
    }
    found.inputs
}

fn is_pattern(word: &Path) -> bool {
    word.to_string_lossy().contains(['*', '?', '['])
}

/// Whether the name of a file has one of those endings.
fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether a file is a picture of a format that is read, whatever its name says.
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
    inputs: Vec<Input>,
    /// By the one true path of each file, since a file may be named in many ways.
    seen: HashSet<PathBuf>,
}

impl Found {
    fn stdin(&mut self) {
        if !self.inputs.iter().any(Input::is_stdin) {
            self.inputs.push(Input {
                name: "-".to_owned(),
                source: Source::Stdin,
            });
        }
    }

    fn path(&mut self, path: &Path) {
        if path.is_dir() {
            self.folder(path);
        } else {
            self.file(path);
        }
    }

    fn file(&mut self, path: &Path) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(identity) {
            self.inputs.push(Input {
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
        // As in a shell: a star means neither a hidden file nor a slash.
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let matches = match glob::glob_with(&pattern.to_string_lossy(), options) {
            Ok(matches) => matches,
            Err(error) => {
                let message = format!("This is no pattern: {error}.");
                self.inputs
                    .push(Input::nothing(pattern, "bad_pattern", &message));
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
            let none = Input::nothing(pattern, "not_found", "No file matches this pattern.");
            self.inputs.push(none);
        }
        paths.sort();
        for path in paths {
            self.path(&path);
        }
    }

    /// Phones call some JPEGs so, which are read.
    fn unread(&mut self, path: &Path) {
        if is_readable(path) {
            self.file(path);
            return;
        }
        let message = "HEIC, HEIF and AVIF pictures are not read; convert it to JPEG or PNG.";
        let fault = Fault::new("unsupported_image", message);
        self.inputs.push(Input {
            name: name(path),
            source: Source::Unread(path.to_owned(), fault),
        });
    }

    fn unreadable(&mut self, path: &Path, message: &str) {
        self.inputs
            .push(Input::nothing(path, "unreadable", message));
    }
}

/// The name of a path in records: without `./` in front, and with `\xFC` for a byte that is no
/// text, so that two files never share one.
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
