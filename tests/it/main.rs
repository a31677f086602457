//! Integration tests, in one binary because each would link the engine anew.

mod chat;
mod extract;
mod layers;
mod openapi;
mod real_model;
mod reference;
mod support;
