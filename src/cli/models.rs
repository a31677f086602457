//! `receipt-gateway models`: the models of the configuration, the page reader among them, and their files.

use std::io::Write;

use anyhow::Context;

use crate::{
    app,
    config::{Config, ModelConfig, ModelSource},
    hub::ModelRef,
};

/// The name of the page reader in the lists.
const READER: &str = "page-reader";

/// Lists the models of `config`, and a page reader of the hub, and whether their files are on this machine.
///
/// # Errors
/// Fails where the hub's client cannot be set up or the output cannot be written.
pub fn list(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let hub = app::hub(config)?;
    let state = |is_here: bool| if is_here { "here" } else { "not downloaded" };
    let on_hub = |model: &ModelRef| {
        let source = format!("{}@{}", model.repo, model.revision);
        (source, state(hub.cached(model).is_ok()))
    };
    for model in &config.models {
        let (source, state) = match model.source("models")? {
            ModelSource::Path(path) => {
                let folder = config.resolve(&path);
                let here = folder.join("config.json").exists() || !model.gguf.is_empty();
                (folder.display().to_string(), state(here))
            }
            ModelSource::Hub { repo, revision } => on_hub(&app::hub_model(model, &repo, &revision)),
            ModelSource::Provider(provider) => (provider, "elsewhere"),
        };
        writeln!(out, "{}\t{source}\t{state}", model.id)?;
    }
    if let Some(reader) = app::hub_reader(&config.reader)? {
        let (source, state) = on_hub(&reader);
        writeln!(out, "{READER}\t{source}\t{state}")?;
    }
    Ok(())
}

/// Downloads the files of one model, or of all of `config` and of its page reader.
///
/// # Errors
/// Fails for an unknown model, and for a failed download.
pub async fn pull(
    config: &Config,
    name: Option<&str>,
    revision: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let hub = app::hub(config)?;
    for (id, model) in wanted(config, name, revision)? {
        let folder = hub.pull(&model).await.with_context(|| id.clone())?;
        writeln!(out, "{id}\t{}", folder.display())?;
    }
    Ok(())
}

/// Returns what is to be downloaded, by its name in the configuration.
fn wanted(
    config: &Config,
    name: Option<&str>,
    revision: &str,
) -> anyhow::Result<Vec<(String, ModelRef)>> {
    let mut reader = app::hub_reader(&config.reader)?;
    if let Some(name) = name {
        reader = reader.filter(|reader| reader.repo == name && reader.revision == revision);
    }
    let models = match name {
        None => config.models.clone(),
        Some(_) if reader.is_some() => Vec::new(),
        Some(name) => vec![named(config, name, revision)?],
    };
    let mut wanted = Vec::new();
    for model in models {
        if let ModelSource::Hub { repo, revision } = model.source("models")? {
            let files = app::hub_model(&model, &repo, &revision);
            wanted.push((model.id, files));
        }
    }
    wanted.extend(reader.map(|reader| (READER.to_owned(), reader)));
    Ok(wanted)
}

/// Returns the model of the configuration with this id or repository, or one that is not in it.
fn named(config: &Config, name: &str, revision: &str) -> anyhow::Result<ModelConfig> {
    let known = config.models.iter().find(|model| {
        model.id == name || model.repo.as_deref() == Some(name) && model.revision == revision
    });
    match known {
        Some(model) => Ok(model.clone()),
        None if name.split('/').count() == 2 => {
            let mut model = ModelConfig::from_repo(name);
            revision.clone_into(&mut model.revision);
            Ok(model)
        }
        None => anyhow::bail!(
            "there is no model {name:?} in the configuration; name one of its models, or a repository of the hub as \
             organisation/name"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::config::Environment;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A configuration without a network, whose downloaded files are in `cache`.
    fn config(folder: &Path) -> Config {
        let file = folder.join("gateway.toml");
        let text = "[extract]\nmodel = \"m\"\nschemas = \"s\"\nprompt = \"p.txt\"\n\
                    [hub]\noffline = true\ncache = \"cache\"\n\
                    [reader]\nmodel = \"acme/reader\"\n\
                    [[models]]\nid = \"m\"\nrepo = \"acme/model\"\n";
        fs::write(&file, text).unwrap();
        Config::load(&file, &Environment::default()).unwrap()
    }

    fn listed(config: &Config) -> String {
        let mut out = Vec::new();
        list(config, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    async fn pulled(config: &Config, name: Option<&str>) -> Result<String, String> {
        let mut out = Vec::new();
        let pulled = pull(config, name, "main", &mut out).await;
        pulled.map_err(|error| format!("{error:#}"))?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[tokio::test]
    async fn a_page_reader_of_the_hub_is_listed_and_pulled() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        assert_eq!(
            listed(&config),
            "m\tacme/model@main\tnot downloaded\npage-reader\tacme/reader@main\tnot downloaded\n"
        );
        let refused = pulled(&config, Some("acme/reader")).await.unwrap_err();
        assert!(refused.starts_with("page-reader: "), "{refused}");
        assert!(refused.contains("detection.onnx"), "{refused}");

        let repo = folder.path().join("cache/models--acme--reader");
        let snapshot = repo.join("snapshots").join(COMMIT);
        fs::create_dir_all(repo.join("refs")).unwrap();
        fs::create_dir_all(&snapshot).unwrap();
        fs::write(repo.join("refs/main"), COMMIT).unwrap();
        for net in ["detection.onnx", "recognition.onnx"] {
            fs::write(snapshot.join(net), "a net").unwrap();
        }
        assert!(listed(&config).ends_with("page-reader\tacme/reader@main\there\n"));
        let path = snapshot.display();
        assert_eq!(
            pulled(&config, Some("acme/reader")).await,
            Ok(format!("page-reader\t{path}\n"))
        );
        // All means the models too.
        let refused = pulled(&config, None).await.unwrap_err();
        assert!(refused.starts_with("m: "), "{refused}");
        let unknown = pulled(&config, Some("other")).await.unwrap_err();
        assert!(unknown.contains("there is no model \"other\""), "{unknown}");
    }
}
