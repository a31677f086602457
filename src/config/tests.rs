use super::*;

const MINIMAL: &str = r#"
    [extract]
    model = "a"
    schemas = "s"
    prompt = "p.txt"
    [[models]]
    id = "a"
    path = "m"
"#;

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(&path, &Environment::new(environment.iter().copied()))
}

fn fault(text: &str, environment: &[(&str, &str)]) -> String {
    load(text, environment).unwrap_err().to_string()
}

#[test]
fn defaults_are_safe() {
    let config = load(MINIMAL, &[]).unwrap();
    assert!(config.server.host.is_loopback());
    assert_eq!(config.server.port, 8000);
    assert_eq!(config.images.max_bytes, 10_485_760);
    assert_eq!(config.images.max_edge, 1024);
    assert_eq!(config.extract.temperature, 0.0);
    assert!(config.fetch.allowed_hosts.is_empty());
    assert!(config.resolve(Path::new("p.txt")).is_absolute());
}

#[test]
fn the_repositorys_own_file_loads() {
    let config = Config::load(Path::new("config/gateway.toml"), &Environment::default()).unwrap();
    assert!(config.models.len() > 1);
}

#[test]
fn faults_name_the_field_and_what_is_allowed() {
    let with = |line: &str| format!("{MINIMAL}{line}");
    for (text, expected) in [
        (with("dtyp = \"f32\""), "models[0].dtyp"),
        (with("dtype = \"f64\""), "models[0].dtype"),
        (with("dtype = \"f64\""), "bf16"),
        (
            with("concurrency = 0"),
            "models[0].concurrency: 0 is not within 1 to 256",
        ),
        (with("repo = \"a/b\""), "exactly one of path and repo"),
        (with("[[models]]\nid = \"a\"\npath = \"n\""), "models[1].id"),
        (
            with("[images]\nmax_edge = 5"),
            "images.max_edge: 5 is not within 56 to 8192",
        ),
        (with("[server]\nhost = \"nowhere\""), "server.host"),
        (with("[doubt]\non_doubt = \"pray\""), "doubt.on_doubt"),
        (with("[metrics]\naccess = \"all\""), "metrics.access"),
        (with("[metrics]\naccess = \"key\""), "metrics.key"),
        (with("[metrics]\nkey = \"x\""), "metrics.access"),
        (
            with("[doubt]\non_doubt = \"escalate\""),
            "doubt.escalate_to",
        ),
        (
            with("[doubt]\nescalate_to = [\"b\"]"),
            "\"b\" is none of the models: a",
        ),
        (
            MINIMAL.replace("model = \"a\"", "model = \"b\""),
            "extract.model",
        ),
        ("[extract".to_owned(), "syntax"),
    ] {
        let fault = fault(&text, &[]);
        assert!(fault.contains(expected), "{expected}: {fault}");
    }
}

#[test]
fn the_old_services_environment_beats_the_file() {
    let config = load(
        MINIMAL,
        &[
            ("HOST", "0.0.0.0"),
            ("PORT", "9000"),
            ("MODEL_NAME", "qwen/Qwen2-VL-2B-Instruct"),
            ("MAX_TOKENS", "1000"),
            ("TEMPERATURE", "0.1"),
            ("MAX_IMAGE_SIZE", "5000000"),
            ("MAX_IMAGE_DIMENSION", "768"),
            ("PRELOAD_MODEL", "true"),
            ("RECEIPT_GATEWAY_API_KEY", "secret"),
            ("HF_HUB_OFFLINE", "1"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.host.to_string(), "0.0.0.0");
    assert_eq!(config.server.port, 9000);
    assert_eq!(config.extract.model, "qwen/Qwen2-VL-2B-Instruct");
    assert_eq!(config.models.len(), 2);
    assert!(config.models[1].preload && !config.models[0].preload);
    assert_eq!(
        (config.chat.max_tokens, config.images.max_edge),
        (1000, 768)
    );
    assert_eq!(
        (config.extract.temperature, config.images.max_bytes),
        (0.1, 5_000_000)
    );
    assert!(config.hub.offline);
    let shown = format!("{config:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn a_model_name_is_found_by_repository_and_an_unknown_family_is_refused() {
    let hub = MINIMAL.replace("path = \"m\"", "repo = \"Qwen/Qwen2-VL-2B-Instruct\"");
    let config = load(&hub, &[("MODEL_NAME", "qwen/qwen2-vl-2b-instruct")]).unwrap();
    assert_eq!((&*config.extract.model, config.models.len()), ("a", 1));
    let fault = fault(MINIMAL, &[("MODEL_NAME", "llava-hf/llava-1.5-7b")]);
    assert!(
        fault.contains("MODEL_NAME") && fault.contains("Qwen2.5-VL"),
        "{fault}"
    );
}

#[test]
fn environment_faults_name_the_variable() {
    for (name, value) in [
        ("PORT", "eighty"),
        ("HOST", "here"),
        ("TEMPERATURE", "warm"),
        ("PRELOAD_MODEL", "perhaps"),
        ("MAX_IMAGE_SIZE", "-1"),
    ] {
        let fault = fault(MINIMAL, &[(name, value)]);
        assert!(fault.contains(name) && fault.contains(value), "{fault}");
    }
    assert!(fault(MINIMAL, &[("TEMPERATURE", "3")]).contains("extract.temperature"));
}

#[test]
fn a_shared_cache_is_checked_and_its_address_is_a_secret() {
    let with = |line: &str| format!("{MINIMAL}[cache]\n{line}");
    let address = ("RECEIPT_GATEWAY_CACHE_URL", "redis://:hunter2@h");
    let config = load(MINIMAL, &[address]).unwrap();
    assert!(config.cache.shared.is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
    for (line, expected) in [
        ("shared_timeout_ms = 0", "cache.shared_timeout_ms: 0 is not"),
        ("shared_prefix = \"a b\"", "cache.shared_prefix: it must be"),
        ("shared_max_writes = 0", "cache.shared_max_writes: 0 is not"),
        (
            "shared_max_value_bytes = 1",
            "cache.shared_max_value_bytes: 1",
        ),
        ("max_bytes = 0", "cache.shared: cache.max_bytes is 0"),
        ("time_to_live_seconds = 0", "cache.time_to_live_seconds: 0"),
    ] {
        let fault = fault(&with(line), &[address]);
        assert!(fault.starts_with(expected), "{fault}");
    }
    let tls = ("RECEIPT_GATEWAY_CACHE_URL", "rediss://:hunter2@h");
    let fault = fault(MINIMAL, &[tls]);
    assert!(
        fault.contains("no TLS") && !fault.contains("hunter2"),
        "{fault}"
    );
}
