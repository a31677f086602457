//! Engines of the models in `models/`.

use std::{path::Path, sync::Arc};

use receipt_gateway::engine::{self, Device, Dtype, Engine, LoadSettings};

/// The engine of the committed model of that name, in f32 on the CPU, eight sequences at once.
pub async fn committed(
    model: &str,
    forced_tokens: bool,
    prompt_cache_bytes: u64,
) -> Arc<dyn Engine> {
    loaded(
        Path::new(&format!("models/{model}")),
        forced_tokens,
        prompt_cache_bytes,
    )
    .await
}

/// The engine of the model in `folder`, otherwise as [`committed`].
pub async fn loaded(
    folder: &Path,
    forced_tokens: bool,
    prompt_cache_bytes: u64,
) -> Arc<dyn Engine> {
    let settings = LoadSettings {
        gguf: Vec::new(),
        dtype: Dtype::F32,
        isq: None,
        chat_template: None,
        device: Device::Cpu,
        max_batch: 8,
        forced_tokens,
        prompt_cache_bytes,
    };
    engine::load(folder, &settings).await.unwrap()
}
