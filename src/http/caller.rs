//! The application as one client may use it: what models its key may use, and who pays for tokens.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
    response::Response,
};

use super::{auth, fault::Fault, state::AppState};
use crate::{
    keys::Identity,
    presets::{Preset, SUFFIX},
    registry::{Priority, Ticket},
};

/// Whoever sends a request, and the application.
#[derive(Clone)]
pub struct Caller {
    app: AppState,
    identity: Arc<Identity>,
    priority: Priority,
}

impl std::ops::Deref for Caller {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.app
    }
}

/// Takes over the identity that [`auth::require_key`] has found; without it nobody passes.
impl FromRequestParts<AppState> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let identity = parts.extensions.get::<Arc<Identity>>();
        Ok(Self {
            identity: identity.ok_or_else(auth::challenge)?.clone(),
            priority: priority(&parts.headers),
            app: app.clone(),
        })
    }
}

impl Caller {
    /// What the client means by `name`.
    ///
    /// # Errors
    /// 404 where nothing is served by that name, or the key may not use it: which of them, no client learns.
    pub fn preset(&self, name: &str) -> Result<Preset, Fault> {
        let preset = self.app.named(name);
        let preset = preset.filter(|preset| self.may_use(preset));
        preset.ok_or_else(|| Fault::unknown_model(name))
    }

    /// What requests get that name no model.
    ///
    /// # Errors
    /// 404 where the key may not use it.
    pub fn default_preset(&self) -> Result<Preset, Fault> {
        let mut preset = self.app.default_preset();
        preset
            .others
            .retain(|model| self.identity.may_use(&model.settings().id));
        if self.identity.may_use(&preset.id) {
            Ok(preset)
        } else {
            Err(none_named())
        }
    }

    /// All that the client may call a model, but for the suffixes.
    pub fn presets(&self) -> impl Iterator<Item = Preset> {
        let models = self.app.registry.iter().map(Preset::of);
        let all = models.chain(self.app.presets.iter().cloned());
        all.filter(|preset| self.identity.may_use(&preset.id))
    }

    /// The same, whose requests are of many and take what is left.
    #[must_use]
    pub fn for_batch(self) -> Self {
        Self {
            priority: Priority::Batch,
            ..self
        }
    }

    /// Who asks, for a place on a model.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket::new(self.identity.name().unwrap_or_default(), self.priority)
    }

    /// Who pays for the tokens of the client's generations and readings.
    pub fn payer(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// A name that is made of a model's and a schema's goes by the model's too.
    fn may_use(&self, preset: &Preset) -> bool {
        let id = &preset.id;
        let is_served = self.app.registry.get(id).is_some()
            || self.app.presets.iter().any(|preset| preset.id == *id);
        let model = id.rsplit_once(SUFFIX).filter(|_| !is_served);
        self.identity.may_use(id) || model.is_some_and(|(model, _)| self.identity.may_use(model))
    }
}

/// By RFC 9218: an urgency below the default, which is 3, is for what can wait.
fn priority(headers: &HeaderMap) -> Priority {
    let urgency = headers
        .get("priority")
        .and_then(|value| value.to_str().ok());
    let mut members = urgency.unwrap_or_default().split(',').map(str::trim);
    match members.find_map(|member| member.strip_prefix("u=")?.parse().ok()) {
        Some(4..=7_u8) => Priority::Batch,
        _ => Priority::Interactive,
    }
}

fn none_named() -> Fault {
    let message = "No model is named, and you do not have access to the one that answers then; \
                   GET /v1/models lists those that you may use.";
    Fault {
        message: message.to_owned(),
        ..Fault::unknown_model("")
    }
}
