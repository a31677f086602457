//! What `doctor` knows before it judges: the machine, the build, the folder of downloads, and of each model what its
//! files say. Tests make their own.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::names;
use crate::{
    app::{self, App},
    cli::version,
    config::{Config, ModelConfig, ModelSource},
    engine::{self, EngineFacts, FloatWeights, ModelFiles},
    image::{GridFit, PatchGrid},
    machine::{Machine, free_disk_bytes},
    receipt::ReceiptSizes,
};

/// The prompt and the answer of a receipt, where the configuration cannot be used to tell.
const USUAL_SIZES: ReceiptSizes = ReceiptSizes {
    prompt_bytes: 8 << 10,
    answer_tokens: 4096,
};

/// The most weights of the vision tower and the embeddings of a model of the served families; of the smallest ones they
/// are two fifths.
const MOST_KEPT: u64 = 1_300_000_000;

/// What is known of the machine and of this build.
#[derive(Debug, Clone)]
pub struct Host {
    /// The machine.
    pub machine: Machine,
    /// The devices that the engine can use.
    pub engine: EngineFacts,
    /// The build.
    pub build: Build,
    /// The folder of downloads.
    pub cache: DownloadFolder,
}

/// What was compiled in.
#[derive(Debug, Clone, Serialize)]
pub struct Build {
    /// The gateway's version.
    pub version: String,
    /// The engine and its devices.
    pub engine: String,
    /// The vector instructions that it was compiled for.
    pub features: Vec<String>,
}

/// The folder of downloaded models.
#[derive(Debug, Clone, Serialize)]
pub struct DownloadFolder {
    /// Its place; `None` if it cannot be determined.
    pub folder: Option<PathBuf>,
    /// Bytes that are free there.
    pub free_bytes: Option<u64>,
    /// Whether downloads are forbidden.
    pub offline: bool,
}

/// Where the files of a model are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// In a folder of this machine that the configuration names.
    Here,
    /// In the folder of downloads.
    Downloaded,
    /// On the hub alone.
    NotDownloaded,
    /// Not where the configuration says, or not whole.
    Missing,
    /// With a provider.
    Elsewhere,
}

/// What is known of a model.
#[derive(Debug, Clone)]
pub struct ModelFacts {
    /// Its folder, repository or provider.
    pub source: String,
    /// Where its files are.
    pub whereabouts: Whereabouts,
    /// What its files say; `None` if they are not here or cannot be read.
    pub files: Option<ModelFiles>,
    /// The fault that hides its files.
    pub fault: Option<String>,
    /// Tokens of the largest picture; `None` for a model that is shown text.
    pub picture_tokens: Option<u64>,
    /// The lengths of a receipt's prompt and answer.
    pub sizes: ReceiptSizes,
}

impl Host {
    /// Looks at the machine; the folder of downloads is that of `config`, or of the environment.
    #[must_use]
    pub fn look(config: Option<&Config>) -> Self {
        let hub = match config {
            Some(config) => app::hub(config),
            None => crate::hub::Hub::new(crate::hub::HubSettings {
                offline: true,
                ..Default::default()
            }),
        };
        let folder = hub.ok().map(|hub| hub.cache_folder().to_owned());
        Self {
            machine: Machine::look(),
            engine: engine::facts(),
            build: Build {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                engine: version::ENGINE.to_owned(),
                features: version::FEATURES.iter().map(|&it| it.to_owned()).collect(),
            },
            cache: DownloadFolder {
                free_bytes: folder.as_deref().and_then(free_disk_bytes),
                folder,
                offline: config.is_some_and(|config| config.hub.offline),
            },
        }
    }
}

impl ModelFacts {
    /// Looks at the files of `model`; `app` is the application of the configuration, if one can be built from it.
    #[must_use]
    pub fn look(config: &Config, model: &ModelConfig, app: Option<&App>) -> Self {
        let (source, here, away) = match model.source("models") {
            Ok(ModelSource::Path(path)) => {
                let folder = config.resolve(&path).display().to_string();
                (folder, Whereabouts::Here, Whereabouts::Missing)
            }
            Ok(ModelSource::Hub { repo, revision }) => {
                let source = format!("{repo}@{revision}");
                (source, Whereabouts::Downloaded, Whereabouts::NotDownloaded)
            }
            Ok(ModelSource::Provider(name)) => {
                (name, Whereabouts::Elsewhere, Whereabouts::Elsewhere)
            }
            Err(error) => (
                error.to_string(),
                Whereabouts::Missing,
                Whereabouts::Missing,
            ),
        };
        let fit = GridFit {
            trim: model.trim.unwrap_or(config.images.trim),
            max_edge: model.max_edge.unwrap_or(config.images.max_edge),
            max_tokens: model.max_image_tokens.unwrap_or(config.images.max_tokens),
        };
        let served = app.and_then(|app| Some((app, app.registry.get(&model.id)?)));
        let sizes = served.map(|(app, model)| app.extractor.sizes(model));
        let mut facts = Self {
            source,
            whereabouts: away,
            files: None,
            fault: None,
            picture_tokens: model
                .reads
                .shows_pictures()
                .then_some(u64::from(fit.max_tokens)),
            sizes: sizes.unwrap_or(USUAL_SIZES),
        };
        match app::model_folder(config, model) {
            Ok(None) => {}
            Ok(Some(folder)) => {
                facts.whereabouts = here;
                facts.read(&folder, model, fit);
            }
            // That a file is not downloaded is no fault.
            Err(_) if away == Whereabouts::NotDownloaded => {}
            Err(error) => facts.fault = Some(format!("{error:#}")),
        }
        facts
    }

    /// Returns the number of weights that are loaded as floats: by the files of `model`, or at most by its name. `None`
    /// for weights that are quantised in their files, and if nothing tells.
    #[must_use]
    pub fn weights(&self, model: &ModelConfig) -> Option<FloatWeights> {
        match &self.files {
            Some(files) => files.weights(),
            None if model.gguf.is_empty() => names::weights(model).map(|all| FloatWeights {
                all,
                kept: (all / 2).min(MOST_KEPT),
            }),
            None => None,
        }
    }

    fn read(&mut self, folder: &Path, model: &ModelConfig, fit: GridFit) {
        match ModelFiles::read(folder, &model.gguf) {
            Ok(files) => self.files = Some(files),
            Err(error) => self.fault = Some(format!("{}: {error}", folder.display())),
        }
        if let (Some(tokens), Ok(grid)) = (&mut self.picture_tokens, PatchGrid::from_folder(folder))
        {
            *tokens = grid.max_tokens(fit) as u64;
        }
    }
}
