//! `POST /extract/batch`: reads many receipts, and answers with a line of JSON for each as it is read, or with an
//! array of all.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Query, Request, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::{
    accept,
    form::{Fields, File, is_within},
    input::{ExtractInput, no_image},
    meta::ReadingBody,
    page_fields::{IMAGE, PageFields},
    query::ExtractQuery,
};
use crate::{
    http::{
        answer, body,
        caller::Caller,
        fault::{ErrorBody, Fault},
    },
    image::ImageSource,
    receipt::{CacheUse, Progress},
    telemetry,
};

/// The media type of an answer with a line of JSON for each receipt.
const LINES: &str = "application/x-ndjson";

/// A form with many receipts.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; its fields are read as a stream"
)]
pub struct BatchForm {
    /// The receipts; each field is one receipt.
    #[schema(value_type = Vec<String>, format = Binary)]
    image: Vec<Vec<u8>>,
    /// Model that reads the receipts; the gateway's default if left out. In a large form, or one sent in chunks, this
    /// field and `schema` must come before the first image.
    #[schema(value_type = String, required = false, example = "")]
    model: Option<String>,
    /// Name of a schema of `GET /schemas`; `invoice` if left out.
    #[schema(value_type = String, required = false, example = "")]
    schema: Option<String>,
}

/// The result for one receipt: `invoice` and `meta`, or `error`, `code` and `status`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON that is written without this type")]
pub struct BatchLine {
    /// Position of the receipt in the form, from 0; null for an error of the form itself.
    index: Option<usize>,
    /// File name of the receipt in the form.
    name: Option<String>,
    /// The object that was read.
    #[schema(value_type = Option<super::extracted::Extracted>)]
    invoice: Option<Value>,
    /// Facts about the reading: confidence, checks, attempts, usage and timings.
    meta: Option<super::meta::MetaBody>,
    /// Error message for people, if the receipt could not be read.
    error: Option<String>,
    /// Error name for programs.
    code: Option<String>,
    /// HTTP status that a request for this receipt alone would have had.
    status: Option<u16>,
    /// The field of the form that caused the error; left out if none did.
    param: Option<String>,
}

/// The line of a receipt that could not be read, or of a form that broke off.
#[derive(Serialize)]
struct RefusedLine {
    index: Option<usize>,
    name: Option<String>,
    #[serde(flatten)]
    fault: ErrorBody,
    status: u16,
}

/// One receipt of a batch.
struct Entry {
    index: usize,
    name: Option<String>,
    bytes: Bytes,
}

/// Reads many receipts
///
/// Send each receipt as a form field `image`. With `Accept: application/json` the answer is an array in
/// the order of the form. Without it, the answer is a line of JSON for each receipt as soon as it is read, in any
/// order; `index` is the receipt's position in the form. A receipt that cannot be read has its own `error` and
/// does not stop the others.
#[utoipa::path(
    post,
    path = "/extract/batch",
    operation_id = "extractReceipts",
    tag = "receipts",
    params(ExtractQuery),
    request_body(
        description = "A form with one receipt or invoice in each field `image`.",
        content((BatchForm = "multipart/form-data")),
    ),
    responses(
        (status = 200, description = "An array of all results, or a line of JSON for each; each is a `BatchLine`.", content(
            (Vec<BatchLine> = "application/json"),
            (String = "application/x-ndjson"),
        )),
        (status = 400, description = "The body is not a form, or the form has no image.", body = ErrorBody),
        (status = 401, description = "The API key is missing or wrong.", body = ErrorBody),
        (status = 404, description = "The model or schema does not exist, or the key may not use the model.", body = ErrorBody),
    ),
)]
pub async fn batch(
    app: Caller,
    query: Result<Query<ExtractQuery>, QueryRejection>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Fault> {
    let query = body::query(query)?;
    // A form within the size of other requests is read to its end first, so that its fields may come in any order.
    let is_read_whole = is_within(&headers, app.server.max_body_bytes);
    let form = body::form(request).await?;
    let cache = answer::cache_use(&headers);
    // An unknown model or schema is refused before any receipt is read.
    ExtractInput::default()
        .into_request(&query, cache, Progress::default(), &app)
        .await?;
    let fields = Fields::new(form, &query, app.images.max_bytes());
    let mut receipts = Receipts::new(fields, app.batch.max_images);
    receipts.begin(is_read_whole).await?;
    let query = receipts.fields.asked.clone();
    ExtractInput::default()
        .into_request(&query, cache, Progress::default(), &app)
        .await?;
    // Room for every line, so that a client that sends everything before it reads does not block the readings.
    let (lines, answer) = mpsc::channel(app.batch.max_images + 1);
    let batch = Batch {
        app: app.for_batch(),
        query,
        cache,
        lines,
    };
    tokio::spawn(telemetry::carried(batch.run(receipts)));
    let lines = ReceiverStream::new(answer);
    let form = accept::preferred(&headers, [LINES, accept::JSON]);
    let body = if form == LINES {
        Body::from_stream(lines.map(|line| Ok::<_, Infallible>(line.json + "\n")))
    } else {
        Body::from(array(lines.collect().await))
    };
    Ok(([(header::CONTENT_TYPE, form)], body).into_response())
}

/// Writes all lines as one JSON array: the receipts in their order, then an error of the form itself.
fn array(mut lines: Vec<Line>) -> String {
    lines.sort_by_key(|line| (line.index.is_none(), line.index));
    let lines: Vec<_> = lines.into_iter().map(|line| line.json).collect();
    format!("[{}]", lines.join(","))
}

/// The result for a receipt, or an error of the form.
struct Line {
    index: Option<usize>,
    json: String,
}

/// The receipts of a form in their order.
struct Receipts {
    fields: Fields,
    max_images: usize,
    /// Number of receipts that have arrived.
    count: usize,
    /// Receipts that arrived before the first reading began.
    waiting: VecDeque<Entry>,
    /// The end of the form, if it has arrived.
    end: Option<Result<(), Fault>>,
}

impl Receipts {
    fn new(fields: Fields, max_images: usize) -> Self {
        Self {
            fields,
            max_images,
            count: 0,
            waiting: VecDeque::new(),
            end: None,
        }
    }

    /// Waits for the first receipt, or for all of them; after that, model and schema are settled.
    ///
    /// # Errors
    /// A form without a receipt.
    async fn begin(&mut self, all: bool) -> Result<(), Fault> {
        while self.end.is_none() && (all || self.waiting.is_empty()) {
            match self.read().await {
                Ok(Some(entry)) => self.waiting.push_back(entry),
                Ok(None) => self.end = Some(Ok(())),
                Err(fault) => self.end = Some(Err(fault)),
            }
        }
        self.fields.is_settled = true;
        if self.waiting.is_empty() {
            let end = self.end.take().unwrap_or(Ok(()));
            return Err(end.err().unwrap_or_else(|| no_image(PageFields::Form)));
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Entry>, Fault> {
        if let Some(entry) = self.waiting.pop_front() {
            return Ok(Some(entry));
        }
        match self.end.take() {
            Some(end) => end.map(|()| None),
            None => self.read().await,
        }
    }

    async fn read(&mut self) -> Result<Option<Entry>, Fault> {
        let Some(File { name, bytes }) = self.fields.picture().await? else {
            return Ok(None);
        };
        let index = self.count;
        if index == self.max_images {
            let message = format!(
                "The form has more images than a batch may hold, {index} images at most; send the rest in another \
                 batch."
            );
            let mut fault = Fault::invalid(IMAGE, message);
            fault.status = StatusCode::PAYLOAD_TOO_LARGE;
            fault.code = "too_many_images";
            return Err(fault);
        }
        self.count += 1;
        Ok(Some(Entry { index, name, bytes }))
    }
}

struct Batch {
    app: Caller,
    query: ExtractQuery,
    cache: CacheUse,
    lines: mpsc::Sender<Line>,
}

impl Batch {
    /// Reads the form and its receipts until both are done or the client disconnects.
    async fn run(self, mut receipts: Receipts) {
        let lines = self.lines.clone();
        let work = async {
            let this = Arc::new(self);
            // Each receipt has its own task, so that no reading waits for the client to send the next receipt.
            let mut running = JoinSet::new();
            loop {
                match receipts.next().await {
                    Ok(Some(entry)) => {
                        running.spawn(telemetry::carried(this.clone().read(entry)));
                    }
                    Ok(None) => break,
                    Err(fault) => {
                        this.send(None, None, Err(&fault)).await;
                        break;
                    }
                }
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

    async fn read(self: Arc<Self>, entry: Entry) {
        let Entry { index, name, bytes } = entry;
        let input = ExtractInput {
            pages: vec![ImageSource::Bytes(bytes)],
            ..ExtractInput::default()
        };
        let reading = async {
            let asked = input
                .into_request(&self.query, self.cache, Progress::default(), &self.app)
                .await?;
            let read = asked.read(&self.app).await?;
            Ok(read.with_meta())
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
            Err(fault) => json!(RefusedLine {
                index,
                name,
                fault: fault.receipt(),
                status: fault.status.as_u16(),
            }),
        };
        // The line is dropped if the client has disconnected.
        let json = json.to_string();
        let _ = self.lines.send(Line { index, json }).await;
    }
}
