//! A gateway in process: the real router over engines that answer by script.

mod app;
mod engines;
mod eventually;
mod gateway;
mod page_reader;
mod random_qwen2_5;
mod samples;
mod scripted;

pub use app::{Options, app, key};
pub use engines::{committed, loaded};
pub use eventually::eventually;
pub use gateway::{Gateway, Reply, form, form_request, json_request, with_key};
pub use page_reader::ScriptedReader;
pub use random_qwen2_5::random_qwen2_5;
pub use samples::{
    blank, data_uri, encoded, invoice, pictures, png, printed, receipts, tiff, told, written_on,
};
pub use scripted::{Script, Scripted};
