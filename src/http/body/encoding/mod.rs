//! Unpacks compressed bodies while they are read.
//!
//! The route's limit bounds the compressed body and the unpacked body, so that a few bytes cannot take more memory
//! than the limit allows.

use std::io::{self, Write};

use axum::{
    RequestExt,
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use bytes::Buf;
use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};
use futures::{Stream, StreamExt, stream};
use thiserror::Error;
use tower::BoxError;

use crate::http::fault::{ACCEPTED_ENCODINGS, Fault, UNSUPPORTED_ENCODING};

/// Compressed bytes that are unpacked in one step; they grow a thousandfold at most.
const STEP: usize = 4 << 10;

/// The error of a body that is cut off or not compressed as its `Content-Encoding` says.
#[derive(Debug, Error)]
#[error(
    "The body is cut off or is not {0}, which its Content-Encoding names; send it whole in that encoding."
)]
pub struct Broken(&'static str);

/// Unpacks the body of a request as it is read, if its `Content-Encoding` says that it is compressed.
///
/// # Errors
/// 415 for an unknown encoding, and for more than one.
pub fn decoded(request: Request) -> Result<Request, Fault> {
    let Some(coding) = coding(request.headers())? else {
        return Ok(request);
    };
    let (mut parts, body) = request.with_limited_body().into_parts();
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = unpacked(body.into_data_stream(), coding);
    Ok(Request::from_parts(parts, Body::from_stream(body)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    fn named(name: &str) -> Option<Self> {
        match &*name.to_ascii_lowercase() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    fn broken(self) -> Broken {
        Broken(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        })
    }
}

fn coding(headers: &HeaderMap) -> Result<Option<Coding>, Fault> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let values = values.map(HeaderValue::as_bytes);
    let names: Vec<_> = values.map(String::from_utf8_lossy).collect();
    let names = names.iter().flat_map(|value| value.split(','));
    let names = names.map(str::trim);
    let names = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let names: Vec<_> = names.collect();
    match names[..] {
        [] => Ok(None),
        [name] => match Coding::named(name) {
            Some(coding) => Ok(Some(coding)),
            None => Err(unsupported(&format!("{name:?}"))),
        },
        _ => Err(unsupported("more than one")),
    }
}

fn unsupported(what: &str) -> Fault {
    Fault::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        UNSUPPORTED_ENCODING,
        format!("The body's Content-Encoding is {what}; use one of {ACCEPTED_ENCODINGS}, or none."),
    )
}

fn unpacked(
    packed: BodyDataStream,
    coding: Coding,
) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
    let under_way = Some((packed, Bytes::new(), Unpacker::new(coding)));
    stream::unfold(under_way, move |under_way| async move {
        let (mut packed, mut piece, mut unpacker) = under_way?;
        loop {
            if piece.is_empty() {
                piece = match packed.next().await {
                    Some(Ok(piece)) => piece,
                    Some(Err(error)) => return Some((Err(error.into()), None)),
                    None => {
                        let end = unpacker.end();
                        let end = end.map(Bytes::from).map_err(|_| coding.broken().into());
                        return Some((end, None));
                    }
                };
            }
            let step = piece.slice(..piece.len().min(STEP));
            piece.advance(step.len());
            match unpacker.push(&step) {
                Err(_) => return Some((Err(coding.broken().into()), None)),
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Some((Ok(bytes.into()), Some((packed, piece, unpacker)))),
            }
        }
    })
}

enum Unpacker {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    /// HTTP's deflate is zlib; some clients send it without zlib's header.
    Deflate(Option<Inflater>),
}

impl Unpacker {
    fn new(coding: Coding) -> Self {
        match coding {
            Coding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Coding::Deflate => Self::Deflate(None),
        }
    }

    /// Adds `packed` and returns the bytes that can be unpacked now.
    fn push(&mut self, packed: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => {
                decoder.write_all(packed)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(inflater) => {
                let inflater = inflater.get_or_insert_with(|| Inflater::new(packed));
                inflater.push(packed)
            }
        }
    }

    /// Returns the last unpacked bytes; fails if the body is cut off.
    fn end(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => {
                decoder.try_finish()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(Some(inflater)) if inflater.has_ended => Ok(Vec::new()),
            Self::Deflate(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

struct Inflater {
    inflate: Decompress,
    has_ended: bool,
}

impl Inflater {
    fn new(begin: &[u8]) -> Self {
        // The low bits of zlib's first byte name method 8; plain deflate never begins with them.
        let has_header = begin.first().is_some_and(|byte| byte & 0x0F == 8);
        Self {
            inflate: Decompress::new(has_header),
            has_ended: false,
        }
    }

    fn push(&mut self, mut packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        while !packed.is_empty() {
            if self.has_ended {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let before = (self.inflate.total_in(), self.inflate.total_out());
            unpacked.reserve(STEP);
            let status =
                self.inflate
                    .decompress_vec(packed, &mut unpacked, FlushDecompress::None)?;
            self.has_ended = status == Status::StreamEnd;
            let read = self.inflate.total_in() - before.0;
            packed = packed.get(read as usize..).unwrap_or_default();
            if before == (self.inflate.total_in(), self.inflate.total_out()) && !self.has_ended {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        // The last step may have left unpacked bytes for lack of room.
        while !self.has_ended && unpacked.len() == unpacked.capacity() {
            let before = self.inflate.total_out();
            unpacked.reserve(STEP);
            let status = self
                .inflate
                .decompress_vec(&[], &mut unpacked, FlushDecompress::None)?;
            self.has_ended = status == Status::StreamEnd;
            if self.inflate.total_out() == before {
                break;
            }
        }
        Ok(unpacked)
    }
}

#[cfg(test)]
mod tests;
