//! Determines the cache, the hub and the token by the rules of Python's `huggingface_hub`. The
//! caller decides whether to use the network.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::HubError;

const PUBLIC_HUB: &str = "https://huggingface.co";

/// The caller's settings; the environment provides the rest.
#[derive(Debug, Clone, Default)]
pub struct HubSettings {
    /// The hub folder; default `HF_HUB_CACHE`, else `hub` in `HF_HOME` or `~/.cache/huggingface`.
    pub cache: Option<PathBuf>,
    /// The endpoint; default `HF_ENDPOINT`, else the public hub.
    pub endpoint: Option<String>,
    /// The token; default `HF_TOKEN`, else the token file.
    pub token: Option<SecretString>,
    /// Uses the cache alone. `HF_HUB_OFFLINE` is not read here.
    pub offline: bool,
    /// Shows bars if stderr is a terminal.
    pub progress: bool,
}

#[derive(Debug)]
pub(super) struct Places {
    pub cache: PathBuf,
    pub endpoint: Url,
    pub token: Option<SecretString>,
}

impl HubSettings {
    pub(super) fn resolve(self, env: impl Fn(&str) -> Option<String>) -> Result<Places, HubError> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let path = |name: &str| env(name).map(PathBuf::from);
        let user = || path("HOME").or_else(std::env::home_dir);
        let home = path("HF_HOME").or_else(|| {
            let caches = path("XDG_CACHE_HOME").or_else(|| Some(user()?.join(".cache")));
            Some(caches?.join("huggingface"))
        });
        let cache = self
            .cache
            .or_else(|| path("HF_HUB_CACHE"))
            .or_else(|| Some(home.as_ref()?.join("hub")))
            .ok_or(HubError::NoCacheFolder)?;
        let token_file = path("HF_TOKEN_PATH").or_else(|| Some(home?.join("token")));
        let token = self
            .token
            .or_else(|| env("HF_TOKEN").map(SecretString::from))
            .or_else(|| {
                std::fs::read_to_string(token_file?)
                    .ok()
                    .map(SecretString::from)
            })
            .map(|token| SecretString::from(token.expose_secret().trim()))
            .filter(|token| !token.expose_secret().is_empty());
        let endpoint = self.endpoint.or_else(|| env("HF_ENDPOINT"));
        Ok(Places {
            cache,
            endpoint: endpoint_url(endpoint.as_deref().unwrap_or(PUBLIC_HUB))?,
            token,
        })
    }
}

fn endpoint_url(text: &str) -> Result<Url, HubError> {
    let bad = |reason: String| HubError::BadEndpoint { reason };
    let url = Url::parse(text).map_err(|error| bad(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(bad(format!("its scheme is {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn resolve(settings: &HubSettings, env: &[(&str, &str)]) -> Result<Places, HubError> {
        settings.clone().resolve(|name| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_cache_follows_the_settings_then_the_environment() {
        let settings = HubSettings {
            cache: Some("/set".into()),
            ..HubSettings::default()
        };
        let env = [
            ("HF_HUB_CACHE", "/cache"),
            ("HF_HOME", "/hf"),
            ("XDG_CACHE_HOME", "/xdg"),
            ("HOME", "/home/me"),
        ];
        assert_eq!(resolve(&settings, &env).unwrap().cache, Path::new("/set"));
        let none = HubSettings::default();
        let expected = [
            "/cache",
            "/hf/hub",
            "/xdg/huggingface/hub",
            "/home/me/.cache/huggingface/hub",
        ]
        .map(PathBuf::from);
        for (skip, expected) in expected.into_iter().enumerate() {
            assert_eq!(resolve(&none, &env[skip..]).unwrap().cache, expected);
        }
        assert_eq!(
            resolve(&none, &[("HF_HUB_CACHE", ""), ("HF_HOME", "/hf")])
                .unwrap()
                .cache,
            Path::new("/hf/hub")
        );
    }

    #[test]
    fn the_token_comes_from_the_settings_the_environment_or_the_file() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "hf_file\n").unwrap();
        let home = home.path().to_str().unwrap();
        let token = |settings: &HubSettings, env: &[(&str, &str)]| {
            resolve(settings, env)
                .unwrap()
                .token
                .map(|token| token.expose_secret().to_owned())
        };
        let none = HubSettings::default();
        assert_eq!(
            token(&none, &[("HF_HOME", home)]).as_deref(),
            Some("hf_file")
        );
        assert_eq!(
            token(&none, &[("HF_HOME", home), ("HF_TOKEN", "hf_env")]).as_deref(),
            Some("hf_env")
        );
        assert_eq!(token(&none, &[("HF_HOME", "/nowhere")]), None);
        let set = HubSettings {
            token: Some("hf_set".into()),
            ..HubSettings::default()
        };
        assert_eq!(
            token(&set, &[("HF_HOME", home), ("HF_TOKEN", "hf_env")]).as_deref(),
            Some("hf_set")
        );
        assert!(!format!("{set:?}").contains("hf_set"));
    }

    #[test]
    fn the_endpoint_is_an_http_address() {
        let at = |endpoint: &str| HubSettings {
            endpoint: Some(endpoint.into()),
            ..HubSettings::default()
        };
        let env = [
            ("HF_HOME", "/hf"),
            ("HF_ENDPOINT", "https://mirror.example/hub/"),
        ];
        let endpoint =
            |settings: &HubSettings| resolve(settings, &env).unwrap().endpoint.to_string();
        assert_eq!(
            endpoint(&HubSettings::default()),
            "https://mirror.example/hub/"
        );
        assert_eq!(endpoint(&at("http://127.0.0.1:9")), "http://127.0.0.1:9/");
        assert!(matches!(
            resolve(&at("ftp://x"), &env),
            Err(HubError::BadEndpoint { .. })
        ));
        assert!(matches!(
            resolve(&at("huggingface.co"), &env),
            Err(HubError::BadEndpoint { .. })
        ));
    }
}
