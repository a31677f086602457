//! A hold on a loaded model, which stays in memory while the hold lives.

use std::{fmt, sync::Arc};

use super::Model;
use crate::engine::Engine;

/// An engine in use. It counts as one user of its model for as long as it lives.
pub(super) struct Hold {
    // Dropped first, so that the engine is gone when the last user has left.
    pub(super) engine: Arc<dyn Engine>,
    user: User,
}

struct User(Arc<Model>);

impl Hold {
    /// Creates the hold of a user that the model's slot has already counted.
    pub(super) fn new(engine: Arc<dyn Engine>, model: Arc<Model>) -> Self {
        let user = User(model);
        Self { engine, user }
    }

    /// Returns the model.
    pub(super) fn model(&self) -> &Model {
        &self.user.0
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hold")
            .field(&self.model().settings.id)
            .finish()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.0.slot.leave();
    }
}
