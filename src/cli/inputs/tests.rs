use super::*;

/// Makes a folder with these files, each of one byte.
fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    folder
}

/// Returns the names of the files that `words` name, below `folder`.
fn names(folder: &tempfile::TempDir, words: &[&str]) -> Vec<String> {
    let words: Vec<_> = words.iter().map(|word| folder.path().join(word)).collect();
    let root = format!("{}/", folder.path().display());
    find(&words)
        .into_iter()
        .map(|input| input.name.replace(&root, ""))
        .collect()
}

#[test]
fn a_folder_stands_for_its_pictures_in_byte_order() {
    let files = [
        "b.PNG",
        "a.jpg",
        "B.png",
        "sub/c.Pdf",
        "truth.json",
        ".hidden.png",
        ".git/d.png",
    ];
    let folder = folder(&files);
    assert_eq!(
        names(&folder, &[""]),
        ["B.png", "a.jpg", "b.PNG", "sub/c.Pdf"]
    );
}

#[tokio::test]
async fn every_picture_ending_is_known_and_unsupported_ones_are_reported() {
    let files = [
        "a.jfif", "b.JPE", "c.Tiff", "d.TIF", "e.HEIC", "f.heif", "g.avif", "h.txt", "i.hif",
    ];
    let folder = folder(&files);
    std::fs::write(
        folder.path().join("j.heic"),
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1,
        ],
    )
    .unwrap();
    let told = names(&folder, &[""]);
    let all = [
        "a.jfif", "b.JPE", "c.Tiff", "d.TIF", "e.HEIC", "f.heif", "g.avif", "i.hif", "j.heic",
    ];
    assert_eq!(told, all);
    for input in find(&[folder.path().to_owned()]) {
        let read = input.bytes().await.map_err(|fault| fault.code);
        let is_read = ["a.jfif", "b.JPE", "c.Tiff", "d.TIF", "j.heic"]
            .iter()
            .any(|name| input.name.ends_with(name));
        assert_eq!(read.is_ok(), is_read, "{}", input.name);
        assert!(is_read || read == Err("unsupported_image".to_owned()));
        assert!(input.path().is_some());
    }
}

#[test]
fn files_are_taken_as_named_and_once() {
    let folder = folder(&["b.png", "a.dat", "sub/c.png"]);
    let words = [
        "b.png",
        "a.dat",
        "./b.png",
        "sub/../b.png",
        "",
        "missing.png",
    ];
    assert_eq!(
        names(&folder, &words),
        ["b.png", "a.dat", "sub/c.png", "missing.png"]
    );
}

#[test]
fn patterns_are_expanded_unless_a_file_has_that_name() {
    let folder = folder(&["b.png", "a.png", ".h.png", "[x].png", "x.png", "d/e.png"]);
    assert_eq!(
        names(&folder, &["*.png"]),
        ["[x].png", "a.png", "b.png", "x.png"]
    );
    assert_eq!(names(&folder, &["[x].png"]), ["[x].png"]);
    assert_eq!(names(&folder, &["[x-z].png", "?"]), ["x.png", "d/e.png"]);
    assert_eq!(names(&folder, &["**/e.png"]), ["d/e.png"]);
}

#[cfg(unix)]
#[test]
fn symlink_loops_are_skipped_and_linked_files_read_once() {
    let folder = folder(&["a.png", "sub/b.png"]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink("a.png", folder.path().join("z.png")).unwrap();
    assert_eq!(names(&folder, &[""]), ["a.png", "sub/b.png"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_stay_distinct() {
    use std::os::unix::ffi::OsStrExt;
    let odd = Path::new(OsStr::from_bytes(b"./M\xfcller \xfd.pdf"));
    assert_eq!(name(odd), "M\\xFCller \\xFD.pdf");
}

async fn fault(folder: &tempfile::TempDir, word: &str) -> String {
    let inputs = find(&[folder.path().join(word)]);
    inputs[0].bytes().await.unwrap_err().code
}

#[tokio::test]
async fn a_missing_file_fails_in_its_turn() {
    let folder = folder(&["a.png"]);
    std::fs::write(folder.path().join("empty.png"), "").unwrap();
    let large = File::create(folder.path().join("large.png")).unwrap();
    large.set_len(MAX_BYTES + 1).unwrap();
    assert_eq!(fault(&folder, "b.png").await, "not_found");
    assert_eq!(fault(&folder, "*.jpg").await, "not_found");
    assert_eq!(fault(&folder, "a***").await, "bad_pattern");
    assert_eq!(fault(&folder, "empty.png").await, "empty");
    assert_eq!(fault(&folder, "large.png").await, "file_too_large");
    let inputs = find(&[folder.path().join("a.png")]);
    assert_eq!(inputs[0].bytes().await.unwrap(), "x");
}
