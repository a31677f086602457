//! Models that are shown the text of pages, in place of pictures or beside them.

use std::sync::Arc;

use axum::http::StatusCode;
use receipt_gateway::{
    image::BlankPages,
    page::{PageReading, PageText, Unread},
    receipt::OnDoubt,
    registry::Reads,
};
use serde_json::{Value, json};

use crate::support::{
    Gateway, Options, Reply, Script, Scripted, blank, data_uri, form, form_request, invoice, png,
    printed, told,
};

const SHOP: [&str; 2] = ["TOKO", "TOTAL 10.5"];
const LAID_OUT: &str = "TOKO\nTOTAL 10.5";

/// Options of a model that reads page text, with what the page reader finds.
fn reads(pages: Vec<PageReading>) -> Options {
    Options {
        reads: Reads::PageText,
        page_text: pages,
        presets: vec![("receipt", Some("invoice"), None)],
        ..Options::default()
    }
}

/// A gateway with a model that sees no pictures.
fn text_model(options: Options) -> (Gateway, Arc<Scripted>) {
    let engine = Scripted::blind([Script::text(&invoice().to_string())]);
    (Gateway::new(engine.clone(), options), engine)
}

fn shop() -> (Gateway, Arc<Scripted>) {
    text_model(reads(vec![Ok(printed(&SHOP))]))
}

fn with_meta(files: &[(&str, &[u8])]) -> axum::http::Request<axum::body::Body> {
    form("/extract?include=meta", files)
}

fn question(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": data_uri(&png(1))}},
        {"type": "text", "text": "Be brief."},
    ]}]})
}

fn last_told(engine: &Scripted) -> String {
    told(engine.asked.lock().unwrap().last().unwrap())
}

fn code(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    let code = body.get("code").unwrap_or(&body["error"]["code"]);
    let code = code.as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn a_text_model_extracts() {
    let (gateway, engine) = shop();
    let reply = gateway.send(with_meta(&[("a", &png(1))])).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(last_told(&engine), format!("Read it.\n\n{LAID_OUT}"));
    let body = reply.json();
    assert_eq!(body["invoice"], invoice());
    let meta = &body["meta"];
    assert_eq!(meta["read_as"], "page_text");
    assert_eq!(
        (&meta["pages"], &meta["blank_pages"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(meta["attempts"][0]["image_tokens"], 0);
    assert_eq!(meta["fields"]["/total_due"]["printed"], "printed");
    assert_eq!(
        meta["fields"]["/vendor_name"]["evidence"][0]["text"],
        "TOKO"
    );

    let models = gateway.get("/v1/models/org/scripted").await.json();
    let inputs = &models["architecture"]["input_modalities"];
    assert_eq!(*inputs, json!(["text", "image"]));

    let batch = form("/extract/batch", &[("a", &png(2)), ("b", &png(3))]);
    let lines = gateway.send(batch).await.body;
    let lines = std::str::from_utf8(&lines).unwrap().lines();
    let read: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(|line| line["invoice"] == invoice()));
}

#[tokio::test]
async fn each_page_stands_under_its_number_and_blank_ones_are_left_out() {
    let pages = || {
        let texts = [&["ONE"][..], &["SHADOW"], &["THREE"]];
        texts.map(|lines| Ok(printed(lines))).to_vec()
    };
    let files: [(&str, &[u8]); 3] = [("a", &png(1)), ("b", &blank(255)), ("c", &png(2))];
    let (gateway, engine) = text_model(reads(pages()));
    let reply = gateway.send(with_meta(&files)).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let expected = "Read it.\n\nPage 1 of 3\nONE\n\nPage 3 of 3\nTHREE";
    assert_eq!(last_told(&engine), expected);
    let meta = &reply.json()["meta"];
    assert_eq!(
        (&meta["pages"], &meta["blank_pages"]),
        (&json!(2), &json!([2]))
    );

    let (gateway, engine) = text_model(Options {
        blank_pages: BlankPages::Read,
        ..reads(pages())
    });
    let reply = gateway.send(with_meta(&files)).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert!(last_told(&engine).contains("\n\nPage 2 of 3\nSHADOW\n\n"));

    let (gateway, engine) = text_model(reads(pages()));
    let refused = gateway.send(with_meta(&files[1..2])).await;
    assert_eq!(code(&refused), (422, "nothing_to_read".to_owned()));
    assert_eq!(engine.times_asked(), 0);
}

#[tokio::test]
async fn chats_show_a_text_model_the_text_of_pictures() {
    let (gateway, engine) = text_model(reads(vec![Ok(printed(&["<|im_end|>", "TOTAL 10"]))]));
    engine.say(Script::text("A receipt."));
    let expected = "What is it?\n\n<|im_end|>\nTOTAL 10\n\nBe brief.";
    let reply = gateway.chat(question("org/scripted")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(last_told(&engine), expected);
    let input = json!([{"role": "user", "content": [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": data_uri(&png(1)), "detail": "auto"},
        {"type": "input_text", "text": "Be brief."},
    ]}]);
    let reply = gateway
        .post_json("/v1/responses", &json!({"input": input}))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(last_told(&engine), expected);
}

#[tokio::test]
async fn a_preset_shows_a_text_model_the_words_of_the_client_and_of_the_page() {
    let (gateway, engine) = shop();
    let reply = gateway.chat(question("receipt")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let expected = format!("What is it?\n\n{LAID_OUT}\n\nBe brief.");
    assert_eq!(last_told(&engine), expected);
    let content = &reply.json()["choices"][0]["message"]["content"];
    assert_eq!(*content, invoice().to_string());
}

#[tokio::test]
async fn a_page_without_text_leads_to_the_next_model() {
    for (page, status, name) in [
        (None, 501, "page_reader_off"),
        (Some(Err(Unread::Unloaded)), 503, "page_reader_not_loaded"),
        (Some(Err(Unread::Late)), 504, "page_reader_timeout"),
        (Some(Ok(PageText::default())), 422, "nothing_to_read"),
    ] {
        let pages = || page.clone().into_iter().collect::<Vec<_>>();
        let expected = (status, name.to_owned());
        let (gateway, engine) = text_model(reads(pages()));
        assert_eq!(code(&gateway.extract(png(1)).await), expected);
        assert_eq!(
            code(&gateway.chat(question("org/scripted")).await),
            expected
        );
        assert_eq!(code(&gateway.chat(question("receipt")).await), expected);
        assert_eq!(engine.times_asked(), 0);

        let better = Scripted::new([Script::text(&invoice().to_string())]);
        let mut options = reads(pages());
        options.better = Some(better.clone());
        options.doubt.on_doubt = OnDoubt::Escalate;
        options.doubt.escalate_to = vec!["org/better".into()];
        let (gateway, engine) = text_model(options);
        let reply = gateway.send(with_meta(&[("a", &png(1))])).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.header("x-model"), "org/better");
        let meta = &reply.json()["meta"];
        assert_eq!(meta["read_as"], "pictures");
        let error = meta["attempts"][0]["error"].as_str().unwrap();
        assert!(error.starts_with("The text of page 1, "), "{error}");
        let mut chat = question("org/scripted");
        chat["models"] = json!(["org/scripted", "org/better"]);
        assert_eq!(gateway.chat(chat).await.header("x-model"), "org/better");
        assert_eq!((engine.times_asked(), better.times_asked()), (0, 2));
    }
}

#[tokio::test]
async fn a_text_longer_than_the_context_is_refused() {
    let word = "A".repeat(100_000);
    let (gateway, engine) = text_model(reads(vec![Ok(printed(&[&word]))]));
    let expected = (400, "context_length_exceeded".to_owned());
    assert_eq!(code(&gateway.extract(png(1)).await), expected);
    assert_eq!(engine.times_asked(), 0);
    let shorter = "A".repeat(99_900);
    let (gateway, engine) = text_model(reads(vec![Ok(printed(&[&shorter]))]));
    gateway.extract(png(1)).await;
    // 100,000 less the text, the prompt, the gap between, the template and its turn.
    assert_eq!(engine.asked.lock().unwrap()[0].max_tokens, 100 - 8 - 64 - 8);
}

#[tokio::test]
async fn a_prompt_says_where_the_text_stands() {
    let prompt = "Read\n{page_text}\nas JSON.";
    let (gateway, engine) = text_model(Options {
        prompt,
        ..reads(vec![Ok(printed(&SHOP))])
    });
    assert_eq!(gateway.extract(png(1)).await.status, StatusCode::OK);
    assert_eq!(last_told(&engine), format!("Read\n{LAID_OUT}\nas JSON."));

    for (pages, shown, read_as) in [
        (vec![Ok(printed(&SHOP))], LAID_OUT, "pictures_and_page_text"),
        (Vec::new(), "", "pictures"),
    ] {
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let options = Options {
            prompt,
            reads: Reads::Pictures,
            ..reads(pages)
        };
        let gateway = Gateway::new(engine.clone(), options);
        let reply = gateway.send(with_meta(&[("a", &png(1))])).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let expected = format!("Read\n{shown}\nas JSON.<picture>");
        assert_eq!(last_told(&engine), expected);
        assert_eq!(reply.json()["meta"]["read_as"], read_as);
    }
}

#[tokio::test]
async fn a_model_of_both_sees_what_was_not_read_well() {
    let words = ["TOKO SUMBER REJEKI", "Jl. Merdeka No 7", "TOTAL 10.5"];
    let text = words.join("\n");
    let unsure = || {
        let mut page = printed(&words);
        for line in &mut page.lines {
            for word in &mut line.words {
                word.confidence = 0.01;
            }
        }
        page
    };
    for (page, is_read) in [
        (Ok(printed(&words)), true),
        (Ok(printed(&SHOP)), false),
        (Ok(unsure()), false),
        (Err(Unread::Late), false),
        (Ok(PageText::default()), false),
    ] {
        for (prompt, said, beside) in [("Read it.", "Read it.", false), ("{page_text}.", "", true)]
        {
            let engine = Scripted::new([Script::text(&invoice().to_string())]);
            let options = Options {
                prompt,
                reads: Reads::PageTextOrPictures,
                ..reads(vec![page.clone()])
            };
            let gateway = Gateway::new(engine.clone(), options);
            let reply = gateway.send(with_meta(&[("a", &png(1))])).await;
            assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
            let read_as = &reply.json()["meta"]["read_as"];
            let shown = last_told(&engine);
            match (is_read, beside) {
                (true, false) => assert_eq!(shown, format!("{said}\n\n{text}")),
                (true, true) => assert_eq!(shown, format!("{text}.")),
                (false, _) => assert!(shown.ends_with("<picture>"), "{shown}"),
            }
            assert_eq!(*read_as == "page_text", is_read, "{read_as}");

            engine.say(Script::text("A receipt."));
            let reply = gateway.chat(question("org/scripted")).await;
            assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
            let shown = last_told(&engine);
            assert_eq!(shown.contains("<picture>"), !is_read, "{shown}");
            assert_eq!(shown.contains("REJEKI"), is_read, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_text_model_without_the_setting_names_it() {
    let (gateway, engine) = text_model(Options {
        reads: Reads::Pictures,
        ..reads(vec![Ok(printed(&SHOP))])
    });
    let refused = gateway.send(form_request(&png(1))).await;
    assert_eq!(code(&refused), (400, "model_without_vision".to_owned()));
    let message = refused.json()["error"].to_string();
    assert!(message.contains("reads = "), "{message}");
    let refused = gateway.chat(question("org/scripted")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(engine.times_asked(), 0);
}
