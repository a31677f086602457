//! Integration tests, in one binary because each would link the engine anew.

mod layers;
mod reference;
