//! The application as one client may use it: the models that its key may use, and the key that pays for tokens.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};

use super::{auth, fault::Fault};
use crate::{
    app::App,
    chat::Client,
    keys::Identity,
    presets::{Preset, SUFFIX},
    registry::{Priority, Ticket},
    routing::ProviderWishes,
};

/// The sender of a request, with the application.
#[derive(Clone)]
pub struct Caller {
    app: Arc<App>,
    identity: Arc<Identity>,
    priority: Priority,
}

impl std::ops::Deref for Caller {
    type Target = Arc<App>;

    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

/// Takes the identity that [`auth::require_key`] added to the request, and refuses a request without one.
impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let identity = parts.extensions.get::<Arc<Identity>>();
        Ok(Self {
            identity: identity.ok_or_else(auth::challenge)?.clone(),
            priority: priority(&parts.headers),
            app: app.clone(),
        })
    }
}

impl Caller {
    /// Returns the model or preset that `name` stands for.
    ///
    /// # Errors
    /// 404 if nothing has that name or the key may not use it; the client cannot tell the two apart.
    pub fn preset(&self, name: &str) -> Result<Preset, Fault> {
        let preset = self.app.named(name);
        let preset = preset.filter(|preset| self.may_use(preset));
        preset.ok_or_else(|| Fault::unknown_model(name))
    }

    /// Returns the preset for requests that name no model.
    ///
    /// # Errors
    /// 404 if the key may not use it.
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

    /// Lists the models and presets that the client may name, without the suffixes.
    pub fn presets(&self) -> impl Iterator<Item = Preset> {
        let models = self.app.registry.iter().map(Preset::of);
        let all = models.chain(self.app.presets.iter().cloned());
        all.filter(|preset| self.identity.may_use(&preset.id))
    }

    /// Gives the caller's requests the low priority of a batch.
    #[must_use]
    pub fn for_batch(self) -> Self {
        Self {
            priority: Priority::Batch,
            ..self
        }
    }

    /// Returns the presets to ask in turn: those that `model` and `others` name and the key may use, or the default
    /// where none is named, as `wishes` order them.
    ///
    /// # Errors
    /// 404 where none of the names can be used, or `wishes` exclude every provider.
    pub fn candidates(
        &self,
        model: Option<&str>,
        others: &[String],
        wishes: &ProviderWishes,
    ) -> Result<Vec<Preset>, Fault> {
        let asked = model.filter(|name| !name.is_empty());
        let names: Vec<_> = asked
            .into_iter()
            .chain(others.iter().map(String::as_str))
            .collect();
        let found: Vec<_> = if names.is_empty() {
            vec![self.default_preset()]
        } else {
            names.iter().map(|name| self.preset(name)).collect()
        };
        if !found.iter().any(Result::is_ok)
            && let Some(Err(first)) = found.first()
        {
            return Err(first.clone());
        }
        let candidates = found.into_iter().flatten().flat_map(|preset| {
            let turns = preset.turns().into_iter();
            turns.map(move |model| preset.with(model))
        });
        let candidates = wishes.apply(candidates.collect());
        if candidates.is_empty() {
            let message = "provider.only and provider.ignore exclude every provider of this model; allow one of \
                           them, or leave these fields out.";
            let mut fault = Fault::invalid("provider", message);
            fault.status = StatusCode::NOT_FOUND;
            fault.code = "no_provider";
            return Err(fault);
        }
        Ok(candidates)
    }

    /// Returns the client of a chat.
    #[must_use]
    pub fn client(&self) -> Client {
        Client {
            ticket: self.ticket(),
            payer: self.identity.clone(),
        }
    }

    /// Returns the caller's ticket for a place on a model.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        let key = self.identity.name().unwrap_or_default();
        Ticket::new(key, self.priority).paid_by(self.identity.clone())
    }

    /// Returns the key that pays for the tokens of the client's generations and readings.
    pub fn payer(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// Returns whether the key may use `preset`; access to a model covers its names with a schema's suffix.
    fn may_use(&self, preset: &Preset) -> bool {
        let id = &preset.id;
        let is_served = self.app.registry.get(id).is_some()
            || self.app.presets.iter().any(|preset| preset.id == *id);
        let model = id.rsplit_once(SUFFIX).filter(|_| !is_served);
        self.identity.may_use(id) || model.is_some_and(|(model, _)| self.identity.may_use(model))
    }
}

/// Reads the priority by RFC 9218: an urgency below the default of 3 is for requests that can wait.
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
    let message = "The request names no model, and you do not have access to the default model; \
                   GET /v1/models lists those that you may use.";
    Fault {
        message: message.to_owned(),
        ..Fault::unknown_model("")
    }
}
