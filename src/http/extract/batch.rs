//! `POST /extract/batch`: many receipts in, a line of JSON out for each as it is read, or an array of all.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{
        FromRequest, Multipart, Query, Request, multipart::Field, rejection::QueryRejection,
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::{
    accept,
    input::{ExtractQuery, Input, cache_use, refused},
    meta::ReadingBody,
};
use crate::{
    http::{
        body,
        caller::Caller,
        fault::{ErrorBody, Fault},
    },
    image::ImageSource,
    receipt::{CacheUse, Progress},
    telemetry,
};

/// A line of JSON for each receipt.
const LINES: &str = "application/x-ndjson";

/// Many receipts as a form.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; its fields are read as a stream"
)]
pub struct BatchForm {
    /// Each is one receipt.
    #[schema(value_type = Vec<String>, format = Binary)]
    image: Vec<Vec<u8>>,
}

/// What became of one receipt: `invoice` and `meta`, or `error`, `code` and `status`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is put together by hand")]
pub struct BatchLine {
    /// Place of the receipt in the form, from 0; null for a fault of the form itself.
    index: Option<usize>,
    /// Its file name in the form.
    name: Option<String>,
    /// The object.
    #[schema(value_type = Option<super::super::openapi::Extracted>)]
    invoice: Option<Value>,
    /// What is known about it.
    meta: Option<super::meta::MetaBody>,
    /// Why there is none.
    error: Option<String>,
    /// Name of the fault for programs.
    code: Option<String>,
    /// The status that the receipt alone would have had.
    status: Option<u16>,
}

/// One receipt of a batch.
struct Entry {
    index: usize,
    name: Option<String>,
    bytes: Bytes,
}

/// Reads many receipts
///
/// Send each receipt as a form field `image`. With `Accept: application/json` the answer is an array, in
/// the order of the form; else it is a line of JSON for each receipt as it is read, and so in no order:
/// `index` says which it is. A receipt that cannot be read has its own `error` and stops no other.
#[utoipa::path(
    post,
    path = "/extract/batch",
    operation_id = "extractReceipts",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        description = "Receipts or invoices, one a field.",
        content((BatchForm = "multipart/form-data")),
    ),
    responses(
        (status = 200, description = "All of them, or a line for each, a `BatchLine`.", content(
            (Vec<BatchLine> = "application/json"),
            (String = "application/x-ndjson"),
        )),
        (status = 400, description = "The body is no form.", body = ErrorBody),
        (status = 401, description = "The key is missing or wrong.", body = ErrorBody),
        (status = 404, description = "There is no such model or schema, or the key may not use the model.", body = ErrorBody),
    ),
)]
pub async fn batch(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    let form = Multipart::from_request(request, &()).await;
    let form = form.map_err(|e| body::refused(e.status(), &e.body_text()))?;
    let cache = cache_use(&headers);
    // A name that means nothing is told before anything is read.
    Input::default()
        .into_request(&query, cache, Progress::default(), &app)
        .await?;
    // Room for every line, so that a client that sends all before it reads holds up nothing.
    let (lines, answer) = mpsc::channel(app.batch.max_images + 1);
    let batch = Batch {
        app: app.for_batch(),
        query,
        cache,
        lines,
    };
    tokio::spawn(telemetry::carried(batch.run(form)));
    let lines = ReceiverStream::new(answer);
    let form = accept::preferred(&headers, [LINES, accept::JSON]);
    let body = if form == LINES {
        Body::from_stream(lines.map(|line| Ok::<_, Infallible>(line.json + "\n")))
    } else {
        Body::from(array(lines.collect().await))
    };
    Ok(([(header::CONTENT_TYPE, form)], body).into_response())
}

/// All lines as one JSON array: the receipts in their order, then a fault of the form itself.
fn array(mut lines: Vec<Line>) -> String {
    lines.sort_by_key(|line| (line.index.is_none(), line.index));
    let lines: Vec<_> = lines.into_iter().map(|line| line.json).collect();
    format!("[{}]", lines.join(","))
}

/// What became of a receipt, or of the form.
struct Line {
    index: Option<usize>,
    json: String,
}

struct Batch {
    app: Caller,
    query: ExtractQuery,
    cache: CacheUse,
    lines: mpsc::Sender<Line>,
}

impl Batch {
    /// Reads the form and its receipts until both are done or the client has left.
    async fn run(self, mut form: Multipart) {
        let lines = self.lines.clone();
        let work = async {
            let this = Arc::new(self);
            // Each is a task of its own, so that none waits for the client to send the next.
            let mut running = JoinSet::new();
            let mut index = 0;
            loop {
                match this.next_entry(&mut form, index).await {
                    Ok(Some(entry)) => {
                        running.spawn(telemetry::carried(this.clone().read(entry)));
                    }
                    Ok(None) => break,
                    Err(fault) => {
                        this.send(None, None, Err(&fault)).await;
                        break;
                    }
                }
                index += 1;
                if running.len() >= this.app.batch.concurrency {
                    running.join_next().await;
                }
            }
            while running.join_next().await.is_some() {}
        };
        tokio::select! {
            () = work => {}
            () = lines.closed() => {}
        }
    }

    async fn next_entry(&self, form: &mut Multipart, index: usize) -> Result<Option<Entry>, Fault> {
        while let Some(field) = form.next_field().await.map_err(refused)? {
            if field.name() != Some("image") {
                continue;
            }
            if index == self.app.batch.max_images {
                let message = format!("A batch may hold {index} images at most.");
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                return Err(Fault::new(status, "too_many_images", message));
            }
            let name = field.file_name().map(str::to_owned);
            let bytes = self.bytes(field).await?;
            return Ok(Some(Entry { index, name, bytes }));
        }
        Ok(None)
    }

    /// A field's bytes. Those beyond what a picture may have are dropped, and the picture is then
    /// refused as too large.
    async fn bytes(&self, mut field: Field<'_>) -> Result<Bytes, Fault> {
        let limit = self.app.images.max_bytes();
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.chunk().await.map_err(refused)? {
            if bytes.len() as u64 <= limit {
                bytes.extend_from_slice(&chunk);
            }
        }
        Ok(bytes.freeze())
    }

    async fn read(self: Arc<Self>, entry: Entry) {
        let Entry { index, name, bytes } = entry;
        let input = Input {
            pages: vec![ImageSource::Bytes(bytes)],
            ..Input::default()
        };
        let reading = async {
            let request = input
                .into_request(&self.query, self.cache, Progress::default(), &self.app)
                .await?;
            let (reading, found) = self.app.extractor.extract(request).await;
            reading
                .map(|reading| ReadingBody::new(&reading, found))
                .map_err(|error| Fault::from(&*error))
        };
        let reading = reading.await;
        self.send(Some(index), name, reading.as_ref()).await;
    }

    async fn send(
        &self,
        index: Option<usize>,
        name: Option<String>,
        reading: Result<&ReadingBody, &Fault>,
    ) {
        let json = match reading {
            Ok(reading) => json!({
                "index": index,
                "name": name,
                "invoice": reading.invoice,
                "meta": reading.meta,
            }),
            Err(fault) => json!({
                "index": index,
                "name": name,
                "error": fault.message,
                "code": fault.code,
                "status": fault.status.as_u16(),
            }),
        };
        // A client that has left wants no line.
        let json = json.to_string();
        let _ = self.lines.send(Line { index, json }).await;
    }
}
