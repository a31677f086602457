//! Text files as parts of messages.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use receipt_gateway::registry::Reads;
use serde_json::{Value, json};

use super::{fault_of, reads, says};
use crate::support::{Gateway, Options, Reply, Script, Scripted, data_uri, png, printed, told};

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";

fn text(name: &str, text: &[u8]) -> Value {
    json!({"filename": name, "file_data": format!("data:text/csv;base64,{}", STANDARD.encode(text))})
}

fn picture() -> Value {
    json!({"file_data": data_uri(&png(1))})
}

/// A request of either API that shows those files.
fn showing(path: &str, files: &[Value]) -> Value {
    let words = "What is it?";
    if path == RESPONSES {
        let parts = files.iter().map(|file| {
            let mut part = file.clone();
            part["type"] = json!("input_file");
            part
        });
        let mut content = vec![json!({"type": "input_text", "text": words})];
        content.extend(parts);
        json!({"input": [{"role": "user", "content": content}]})
    } else {
        let parts = files
            .iter()
            .map(|file| json!({"type": "file", "file": file}));
        let mut content = vec![json!({"type": "text", "text": words})];
        content.extend(parts);
        json!({"messages": [{"role": "user", "content": content}]})
    }
}

/// What an engine is told of those files.
async fn told_of(engine: Arc<Scripted>, options: Options, request: &Value) -> String {
    let gateway = Gateway::new(engine.clone(), options);
    let path = if request.get("input").is_some() {
        RESPONSES
    } else {
        CHAT
    };
    let reply = gateway.post_json(path, request).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
    let asked = engine.asked.lock().unwrap();
    told(&asked[0])
}

fn code(reply: &Reply) -> (u16, String) {
    let code = reply.json()["error"]["code"].as_str().unwrap().to_owned();
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn a_text_file_is_shown_as_it_is_under_its_name() {
    let csv = "item;price\r\nTea;2,50\r\n";
    let many = "n".repeat(300);
    for (file, shown) in [
        (text("a.csv", csv.as_bytes()), format!("File a.csv:\n{csv}")),
        (
            json!({"file_data": STANDARD.encode("<Invoice/>")}),
            "<Invoice/>".to_owned(),
        ),
        (text("", b"# Notes"), "# Notes".to_owned()),
        (text("a\n.md", b"# Notes"), "File a.md:\n# Notes".to_owned()),
        // A name is cut off, so that what is told of it is bounded.
        (text(&many, b"B"), format!("File {}:\nB", &many[..255])),
        (
            text("u.txt", b"\xff\xfe\xac\x20"),
            "File u.txt:\n\u{20ac}".to_owned(),
        ),
    ] {
        for path in [CHAT, RESPONSES] {
            for stream in [false, true] {
                let mut request = showing(path, std::slice::from_ref(&file));
                request["stream"] = json!(stream);
                let engine = Scripted::new([Script::text("Hi")]);
                let told = told_of(engine, Options::default(), &request).await;
                assert_eq!(told, format!("What is it?\n\n{shown}"));
            }
        }
    }
}

#[tokio::test]
async fn text_stands_among_pictures_in_order() {
    for path in [CHAT, RESPONSES] {
        for (files, seen, read) in [
            (
                [text("a", b"A"), picture()],
                "File a:\nA<picture>",
                "File a:\nA\n\nTOKO",
            ),
            (
                [picture(), text("a", b"A")],
                "<picture>\n\nFile a:\nA",
                "TOKO\n\nFile a:\nA",
            ),
        ] {
            let request = showing(path, &files);
            let engine = Scripted::new([Script::text("Hi")]);
            let told = told_of(engine, Options::default(), &request).await;
            let gap = if seen.starts_with('<') { "" } else { "\n\n" };
            assert_eq!(told, format!("What is it?{gap}{seen}"));
            let options = Options {
                reads: Reads::PageText,
                page_text: vec![Ok(printed(&["TOKO"]))],
                ..Options::default()
            };
            let engine = Scripted::blind([Script::text("Hi")]);
            let told = told_of(engine, options, &request).await;
            assert_eq!(told, format!("What is it?\n\n{read}"));
        }
    }
}

#[tokio::test]
async fn a_model_that_sees_no_pictures_reads_text_files() {
    for path in [CHAT, RESPONSES] {
        for reads in [Reads::Pictures, Reads::PageText] {
            let options = || Options {
                reads,
                ..Options::default()
            };
            let blind = || Scripted::blind([Script::text("Hi")]);
            let request = showing(path, &[text("a", b"A")]);
            let told = told_of(blind(), options(), &request).await;
            assert_eq!(told, "What is it?\n\nFile a:\nA");
        }
        let gateway = Gateway::new(Scripted::blind([Script::text("Hi")]), Options::default());
        let request = showing(path, &[text("a", b"A"), picture()]);
        let message = fault_of(
            &gateway.post_json(path, &request).await,
            match path {
                CHAT => "messages[0].content[2].file.file_data",
                _ => "input[0].content[2].file_data",
            },
        );
        assert!(message.contains("cannot read pictures"), "{message}");
    }
}

#[tokio::test]
async fn text_files_are_bounded_together() {
    let half = text("a", &[b'a'; 600]);
    for path in [CHAT, RESPONSES] {
        let one = showing(path, std::slice::from_ref(&half));
        let reply = says("Hi").post_json(path, &one).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let two = showing(path, &[half.clone(), half.clone()]);
        let message = fault_of(
            &says("Hi").post_json(path, &two).await,
            match path {
                CHAT => "messages[0].content[2].file.file_data",
                _ => "input[0].content[2].file_data",
            },
        );
        assert!(message.contains("more than 1000 bytes"), "{message}");
    }
    let pdf = std::fs::read("tests/fixtures/two-pages.pdf").unwrap();
    let pdf = json!({"file_data": STANDARD.encode(pdf)});
    let request = showing(CHAT, &[text("a", b"A"), pdf]);
    let page_text = Options {
        reads: Reads::PageText,
        page_text: vec![Ok(printed(&["TOKO"])); 2],
        ..Options::default()
    };
    for options in [Options::default(), page_text] {
        let gateway = Gateway::new(Scripted::new([Script::text("Hi")]), options);
        let reply = gateway.chat(request.clone()).await;
        let message = fault_of(&reply, "messages[0].content[2].file.file_data");
        assert!(message.contains("2 images at most"), "{message}");
    }
    let alone = showing(CHAT, &[text("a", b"A"), text("b", b"B"), text("c", b"C")]);
    let message = fault_of(
        &says("Hi").chat(alone).await,
        "messages[0].content[3].file.file_data",
    );
    assert!(message.contains("2 images at most"), "{message}");
}

#[tokio::test]
async fn what_is_no_text_is_refused_by_its_field() {
    let unsupported = (415, "unsupported_file".to_owned());
    for (bytes, expected, words) in [
        (&b"PK\x03\x04\x14\0\x06\0"[..], &unsupported, "neither text"),
        (b"Caf\xe9;2,50", &unsupported, "UTF-8"),
        (b" \r\n", &(400, "no_image".to_owned()), "empty"),
    ] {
        for (path, field) in [
            (CHAT, "messages[0].content[1].file.file_data"),
            (RESPONSES, "input[0].content[1].file_data"),
        ] {
            let request = showing(path, &[text("a.docx", bytes)]);
            let reply = says("Hi").post_json(path, &request).await;
            assert_eq!(&code(&reply), expected, "{reply:?}");
            let error = &reply.json()["error"];
            assert_eq!(error["param"], field);
            assert!(
                error["message"].as_str().unwrap().contains(words),
                "{error}"
            );
        }
    }
    // A picture is never text.
    let url = format!("data:text/plain;base64,{}", STANDARD.encode("Just words."));
    let part = json!({"type": "image_url", "image_url": {"url": url}});
    let chat = json!({"messages": [{"role": "user", "content": [part]}]});
    let part = json!({"type": "input_image", "image_url": url});
    let response = json!({"input": [{"role": "user", "content": [part]}]});
    for (path, request) in [(CHAT, chat), (RESPONSES, response)] {
        let reply = says("Hi").post_json(path, &request).await;
        assert_eq!(code(&reply), (415, "unsupported_image".to_owned()));
    }
}

#[tokio::test]
async fn a_preset_names_the_file_that_it_cannot_read() {
    for (path, field) in [
        (CHAT, "messages[0].content[2].file.file_data"),
        (RESPONSES, "input[0].content[2].file_data"),
    ] {
        for stream in [false, true] {
            let (gateway, engine) = reads();
            let mut request = showing(path, &[picture(), text("a.csv", b"A;1")]);
            request["model"] = json!("receipt");
            request["stream"] = json!(stream);
            let reply = gateway.post_json(path, &request).await;
            assert_eq!(code(&reply), (415, "unsupported_image".to_owned()));
            let error = &reply.json()["error"];
            assert_eq!(error["param"], field);
            assert!(error["message"].as_str().unwrap().contains("File 2 of 2"));
            let mut request = showing(path, &[text("a.csv", b"A;1")]);
            request["model"] = json!("receipt");
            let reply = gateway.post_json(path, &request).await;
            assert_eq!(reply.json()["error"]["param"], field.replace("[2]", "[1]"));
            assert_eq!(engine.times_asked(), 0);
        }
    }
}
