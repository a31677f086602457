//! OpenRouter's plugins. What the gateway does by itself is accepted, and what it cannot do is refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::fault::Fault;

/// A plugin of OpenRouter. Its other fields are ignored.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = Plugin)]
pub struct WirePlugin {
    /// Name of the plugin: `file-parser` and `response-healing` ask for what is done anyway, `web`, `web-fetch` and
    /// `moderation` are refused, and others change nothing.
    #[schema(example = "file-parser")]
    pub id: String,
    /// False to leave the plugin out.
    pub enabled: Option<bool>,
}

/// Refuses plugins whose promise would not be kept, and without which an answer would be taken for something else.
///
/// # Errors
/// The first such plugin that is not turned off.
pub fn check(plugins: &[WirePlugin]) -> Result<(), Fault> {
    for (number, plugin) in plugins.iter().enumerate() {
        let lacks = match plugin.id.as_str() {
            _ if plugin.enabled == Some(false) => continue,
            "web" => "does not search the web",
            "web-fetch" => "lets no model fetch pages of the web",
            "moderation" => "does not moderate",
            _ => continue,
        };
        let message = format!("The gateway {lacks}; leave this plugin out.");
        return Err(Fault::invalid(format!("plugins[{number}].id"), message));
    }
    Ok(())
}
