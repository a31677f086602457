//! receipt-gateway: reads receipts and invoices on your own machine.
//!
//! See `ARCHITECTURE.md` for how the parts hang together.

pub mod app;
pub mod chat;
pub mod cli;
pub mod codes;
pub mod config;
pub mod einvoice;
pub mod engine;
pub mod generation;
pub mod grammar;
pub mod history;
pub mod http;
pub mod hub;
pub mod image;
pub mod keys;
pub mod machine;
pub mod metrics;
pub mod ocr;
pub mod page;
pub mod presets;
pub mod receipt;
pub mod registry;
pub mod routing;
pub mod server;
pub mod shared_cache;
pub mod telemetry;
