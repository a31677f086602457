//! Serves the playground at `/`, a page that reads receipts.

use axum::{
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use super::{
    extract::PictureBody,
    fault::{ErrorBody, Fault},
};

/// The page's files, embedded in the program.
#[derive(RustEmbed)]
#[folder = "playground/"]
struct Files;

/// A sample receipt.
const SAMPLE: &[u8] = include_bytes!("../../tests/fixtures/receipt-01-shop.png");

/// Policy of the page: it runs its own scripts, shows the user's pictures, and connects to this gateway only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; frame-src blob:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Returns the playground, a page that reads receipts
#[utoipa::path(
    get,
    path = "/",
    operation_id = "getPlayground",
    tag = "service",
    responses((status = 200, description = "The page.", content_type = "text/html", body = String)),
    security(()),
)]
pub async fn page() -> Result<Response, Fault> {
    serve("index.html")
}

/// Returns a file of the playground
#[utoipa::path(
    get,
    path = "/playground/{file}",
    operation_id = "getPlaygroundFile",
    tag = "service",
    params(("file" = String, Path, description = "Name of the file.", example = "app.js")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/javascript"),
            (String = "text/css"),
            (String = "text/html"),
            (inline(PictureBody) = "image/png"),
        )),
        (status = 404, description = "The file does not exist.", body = ErrorBody),
    ),
    security(()),
)]
pub async fn file(Path(name): Path<String>) -> Result<Response, Fault> {
    serve(&name)
}

fn serve(name: &str) -> Result<Response, Fault> {
    let bytes = match name {
        "sample.png" => SAMPLE.into(),
        _ => Files::get(name).ok_or_else(not_found)?.data,
    };
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, media_type(name)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, bytes.into_owned()).into_response())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn not_found() -> Fault {
    let message = "The playground has no such file; its page is at /.";
    Fault::new(StatusCode::NOT_FOUND, "not_found", message)
}
