//! What becomes of picture files: kinds that are read, kinds that are not, and those cut off.

use axum::http::StatusCode;
use image::ImageFormat;
use serde_json::json;

use super::{assert_fault, reads_invoices};
use crate::support::{
    Gateway, Options, Script, Scripted, data_uri, encoded, form, invoice, json_request, pictures,
    png, written_on,
};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/pictures/{name}")).unwrap()
}

#[tokio::test]
async fn what_offices_and_fax_servers_write_is_read() {
    for (name, pages) in [
        ("palette-lzw.tif", 1),
        ("palette-4-bits.tif", 1),
        ("fax-modified-huffman.tif", 1),
        ("fax-group-3.tif", 1),
        ("fax-group-3-two-dimensional.tif", 1),
        ("fax-group-4-bits-reversed.tif", 1),
        ("jpeg-colours.tif", 1),
        ("jpeg-old.tif", 1),
        ("zstd.tif", 1),
        ("big-tiff.tif", 1),
        ("two-pages-among-others.tif", 2),
        ("progressive.jpg", 1),
        ("restarts.jpg", 1),
        ("cmyk.jpg", 1),
    ] {
        let engine = Scripted::new([Script::text(&invoice().to_string())]);
        let gateway = Gateway::new(engine.clone(), Options::default());
        let reply = gateway.extract(file(name).into()).await;
        assert_eq!(reply.status, StatusCode::OK, "{name}: {reply:?}");
        assert_eq!(pictures(&engine.asked.lock().unwrap()[0]), pages, "{name}");
    }
}

#[tokio::test]
async fn a_picture_cut_off_is_broken_in_every_format() {
    let gateway = reads_invoices();
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ];
    let ours = formats.map(|format| encoded(&written_on(250), format).to_vec());
    let others = [
        "baseline.jpg",
        "progressive.jpg",
        "progressive-restarts.jpg",
        "fax-group-3.tif",
        "zstd.tif",
    ];
    for whole in ours.into_iter().chain(others.map(file)) {
        let reply = gateway.extract(whole.clone().into()).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        for percent in [40, 60, 90] {
            let cut = whole[..whole.len() * percent / 100].to_vec();
            let reply = gateway.extract(cut.into()).await;
            assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "broken_image");
        }
    }
}

#[tokio::test]
async fn kinds_that_are_not_read_are_named() {
    let gateway = reads_invoices();
    let mut arithmetic = file("baseline.jpg");
    let frame = arithmetic.windows(2).position(|two| two == [0xff, 0xc0]);
    arithmetic[frame.unwrap() + 1] = 0xc9;
    for (file, what) in [
        (arithmetic, "arithmetic"),
        (file("unsupported-lzma.tif"), "LZMA"),
        (file("unsupported-lab.tif"), "Lab"),
        (file("unsupported-floats.tif"), "32 bits"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic".to_vec(), "HEIC"),
    ] {
        let reply = gateway.extract(file.into()).await;
        assert_fault(
            &reply,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_image",
        );
        assert!(
            reply.json()["error"].as_str().unwrap().contains(what),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_fault_names_the_file_and_the_page() {
    let gateway = reads_invoices();
    let cut = &file("baseline.jpg")[..1500];
    let request = form("/extract", &[("a", &png(1)), ("b", cut)]);
    let reply = gateway.send(request).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "broken_image");
    let error = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("File 2 of 2: "), "{error}");

    let uris = json!({"image_urls": [data_uri(&png(1)), data_uri(b"<svg></svg>")]});
    let reply = gateway.send(json_request("/extract", &uris)).await;
    assert_fault(
        &reply,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_image",
    );
    let error = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("File 2 of 2: "), "{error}");

    // The second page's strip, which is the last thing before its directory, is no Deflate stream.
    let mut two = file("two-pages-among-others.tif");
    let streams: Vec<_> = (0..two.len() - 1)
        .filter(|at| two[*at] == 0x78 && matches!(two[at + 1], 0x01 | 0x9c | 0xda))
        .collect();
    let last = *streams.last().unwrap();
    two[last..last + 40].fill(0xff);
    let reply = gateway.extract(two.into()).await;
    assert_fault(&reply, StatusCode::UNPROCESSABLE_ENTITY, "broken_image");
    let error = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("Page 2 of 2: "), "{error}");
}

/// A bitmap of 32 bits a pixel with a header of that size, whose alpha is `alpha` everywhere.
fn bitmap(header: u32, alpha: u8) -> Vec<u8> {
    let picture = written_on(250);
    let (width, height) = picture.dimensions();
    let start = 14 + header;
    let mut file = b"BM".to_vec();
    file.extend((start + 4 * width * height).to_le_bytes());
    file.extend([0; 4]);
    file.extend(start.to_le_bytes());
    file.extend(header.to_le_bytes());
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([1, 0, 32, 0]);
    file.extend(3_u32.to_le_bytes());
    file.resize(14 + 40, 0);
    for mask in [0x00ff_0000_u32, 0xff00, 0xff, 0xff00_0000] {
        file.extend(mask.to_le_bytes());
    }
    file.resize(start as usize, 0);
    for y in (0..height).rev() {
        for x in 0..width {
            let [red, green, blue] = picture.get_pixel(x, y).0;
            file.extend([blue, green, red, alpha]);
        }
    }
    file
}

#[tokio::test]
async fn a_bitmap_whose_alpha_is_nothing_is_opaque() {
    for header in [108, 124] {
        for alpha in [0, 255] {
            let engine = Scripted::new([Script::text(&invoice().to_string())]);
            let gateway = Gateway::new(engine.clone(), Options::default());
            let reply = gateway.extract(bitmap(header, alpha).into()).await;
            assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        }
    }
}
