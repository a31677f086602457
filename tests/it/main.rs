//! Integration tests, in one binary because each would link the engine anew.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what fails in a test should end it, and what it measures is worth reading"
)]

mod admin;
mod anthropic;
mod browsers;
mod chat;
mod cli;
mod completions;
mod connections;
mod container;
mod docs;
mod doctor;
mod extract;
mod forced;
mod grammars;
mod habits;
mod health;
mod joined;
mod keys;
mod layers;
mod metrics;
mod ocr;
mod openapi;
mod openrouter;
mod page_text;
mod presets;
mod program;
mod prompt_cache;
mod properties;
mod providers;
mod readers;
mod reading;
mod real_model;
mod receipt_nano;
mod reference;
mod reload;
mod responses;
mod shared_cache;
mod strict;
mod support;
mod telemetry;
mod tools;
mod upstream;
mod verdict;
mod verify;
