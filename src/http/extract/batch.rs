//! `POST /extract/batch`: many receipts in, a line of JSON out for each as it is read, or an array of all.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Query, Request, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::{
    accept,
    form::{Fields, File, is_within},
    input::{ExtractQuery, Input, cache_use, no_image},
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
    /// Model that reads them; else the gateway's default. In a form that is large, or sent in chunks, it stands
    /// before the first image, and so does `schema`.
    #[schema(value_type = String, required = false, example = "")]
    model: Option<String>,
    /// Name of a schema of `GET /schemas`; else `invoice`.
    #[schema(value_type = String, required = false, example = "")]
    schema: Option<String>,
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
    // A form of a usual request's size is read to its end first, so that what is asked may stand anywhere.
    let is_read_whole = is_within(&headers, app.server.max_body_bytes);
    let form = body::form(request).await?;
    let cache = cache_use(&headers);
    // A name that means nothing is told before anything is read.
    Input::default()
        .into_request(&query, cache, Progress::default(), &app)
        .await?;
    let fields = Fields::new(form, &query, app.images.max_bytes());
    let mut receipts = Receipts::new(fields, app.batch.max_images);
    receipts.begin(is_read_whole).await?;
    let query = receipts.fields.asked.clone();
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

/// The receipts of a form, in order.
struct Receipts {
    fields: Fields,
    max_images: usize,
    /// How many have come.
    count: usize,
    /// Those that came before any is read.
    waiting: VecDeque<Entry>,
    /// The end of the form, where it has come.
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

    /// Waits for the first, or for all of them; then it is settled what is asked.
    ///
    /// # Errors
    /// Where there is none.
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
            return Err(end.err().unwrap_or_else(no_image));
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
            let message = format!("A batch may hold {index} images at most.");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Fault::new(status, "too_many_images", message));
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
    /// Reads the form and its receipts until both are done or the client has left.
    async fn run(self, mut receipts: Receipts) {
        let lines = self.lines.clone();
        let work = async {
            let this = Arc::new(self);
            // Each is a task of its own, so that none waits for the client to send the next.
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
