//! The hold on a loaded model: while there is one, the model stays in memory.

use std::{fmt, sync::Arc};

use super::Model;
use crate::engine::Engine;

/// An engine in use. It counts as one user of its model for as long as it lives.
pub(super) struct Hold {
    // Goes first, so that the engine is gone when the last user has left.
    pub(super) engine: Arc<dyn Engine>,
    user: User,
}

struct User(Arc<Model>);

impl Hold {
    /// The hold of a user that the model's slot has counted already.
    pub(super) fn new(engine: Arc<dyn Engine>, model: Arc<Model>) -> Self {
        let user = User(model);
        Self { engine, user }
    }

    /// The model.
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
