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
    assert_eq!(config.images.max_bytes, 24_000_000);
    assert_eq!(config.images.max_edge, 1024);
    assert_eq!(config.extract.temperature, 0.0);
    assert!(config.fetch.allowed_hosts.is_empty());
    assert_eq!(config.reader.source().unwrap(), ReaderModel::Embedded);
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
            "models[0].concurrency: must be from 1 to 256, but is 0",
        ),
        (
            with("repo = \"a/b\""),
            "exactly one of path, repo and provider",
        ),
        (
            with("chat_template = \"chat.txt\""),
            "models[0].chat_template: must be a file whose name ends with .jinja",
        ),
        (with("[[models]]\nid = \"a\"\npath = \"n\""), "models[1].id"),
        (
            with("[images]\nmax_edge = 5"),
            "images.max_edge: must be from 56 to 8192, but is 5",
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
            "\"b\" is not a configured model; name one of a",
        ),
        (
            MINIMAL.replace("model = \"a\"", "model = \"b\""),
            "extract.model",
        ),
        (
            with("[reader]\nmodel = \"best\""),
            "reader.model: must be \"embedded\", \"off\", a folder",
        ),
        (
            with("[reader]\nthreads = 0"),
            "reader.threads: must be from 1 to 256, but is 0",
        ),
        ("[extract".to_owned(), "syntax"),
    ] {
        let fault = fault(&text, &[]);
        assert!(fault.contains(expected), "{expected}: {fault}");
    }
}

#[test]
fn the_old_services_environment_overrides_the_file() {
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
fn a_model_is_found_by_repository_and_an_unknown_family_is_refused() {
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
fn the_listener_is_read_from_an_invalid_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    for (text, port) in [
        ("[server]\nport = 9001\n[extract]\nmodel = 7", 9001),
        ("[server]\nport = 9001\nprot = 7\nhost = 7", 9001),
        ("[server]\nport = \"x\"", 8000),
        ("[server", 8000),
    ] {
        std::fs::write(&path, text).unwrap();
        let known = |variables: &[(&str, &str)]| {
            let environment = Environment::new(variables.iter().copied());
            Config::listener(&path, &environment).unwrap()
        };
        assert_eq!(known(&[]).port, port, "{text}");
        assert_eq!(known(&[("PORT", "9002")]).port, 9002, "{text}");
    }
}

#[test]
fn environment_faults_name_the_variable() {
    for (name, value) in [
        ("PORT", "eighty"),
        ("HOST", "here"),
        ("TEMPERATURE", "warm"),
        ("PRELOAD_MODEL", "perhaps"),
        ("MAX_IMAGE_SIZE", "-1"),
        ("RECEIPT_GATEWAY_API_KEY", ""),
        ("RECEIPT_GATEWAY_ADMIN_KEY", " "),
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
        (
            "shared_timeout_ms = 0",
            "cache.shared_timeout_ms: must be from 1 to 10000, but is 0",
        ),
        ("shared_prefix = \"a b\"", "cache.shared_prefix: must be"),
        (
            "shared_max_writes = 0",
            "cache.shared_max_writes: must be from 1 to 10000, but is 0",
        ),
        (
            "shared_max_value_bytes = 1",
            "cache.shared_max_value_bytes: must be from 1024 to 67108864, but is 1",
        ),
        (
            "max_bytes = 0",
            "cache.shared: has no effect with cache.max_bytes = 0",
        ),
        (
            "time_to_live_seconds = 0",
            "cache.time_to_live_seconds: must be from 1 to 3153600000, but is 0",
        ),
        ("shared_ca = \"ca.pem\"", "cache.shared_ca: is for TLS"),
    ] {
        let fault = fault(&with(line), &[address]);
        assert!(fault.starts_with(expected), "{fault}");
    }
    let tls = ("RECEIPT_GATEWAY_CACHE_URL", "rediss://:hunter2@h");
    load(&with("shared_ca = \"ca.pem\""), &[tls]).unwrap();
    let other = ("RECEIPT_GATEWAY_CACHE_URL", "http://:hunter2@h");
    let fault = fault(MINIMAL, &[other]);
    assert!(
        fault.contains("must begin with") && !fault.contains("hunter2"),
        "{fault}"
    );
}

fn key(name: &str, hash: char, more: &str) -> String {
    let hash = hash.to_string().repeat(64);
    format!("[[keys]]\nname = \"{name}\"\nhash = \"{hash}\"\n{more}\n")
}

#[test]
fn keys_differ_and_name_existing_models() {
    let with = |keys: &[String]| format!("{MINIMAL}{}", keys.concat());
    let sound = [
        key("a", '1', "models = [\"a\", \"a:invoice\"]\nconcurrency = 2"),
        key("b", '2', "requests_per_minute = 60"),
    ];
    let config = load(&with(&sound), &[]).unwrap();
    assert!(config.needs_key());
    assert_eq!(config.keys[0].concurrency, Some(2));
    assert!(!load(MINIMAL, &[]).unwrap().needs_key());
    for (keys, expected) in [
        (vec![key("a b", '1', "")], "keys[0].name"),
        (vec![key("a", 'x', "")], "keys[0].hash"),
        (
            vec![key("a", '1', ""), key("a", '2', "")],
            "is the name of an earlier key too",
        ),
        (
            vec![key("a", '1', ""), key("b", '1', "")],
            "keys[1].hash: is the hash of the key \"a\" too",
        ),
        (vec![key("a", '1', "models = []")], "keys[0].models"),
        (
            vec![key("a", '1', "models = [\"b:invoice\"]")],
            "\"b:invoice\" is neither",
        ),
        (
            vec![key("a", '1', "tokens_per_minute = 0")],
            "keys[0].tokens_per_minute: must be from 1 to 100000000, but is 0",
        ),
        (vec![key("a", '1', "limit = 0")], "keys[0].limit"),
    ] {
        let fault = fault(&with(&keys), &[]);
        assert!(fault.contains(expected), "{expected}: {fault}");
    }
}

#[test]
fn admin_access_by_key_needs_a_key() {
    let with = |more: &str| format!("{MINIMAL}[admin]\naccess = \"key\"\n{more}");
    assert!(fault(&with(""), &[]).contains("admin.key"));
    assert!(fault(&with(&key("a", '1', "")), &[]).contains("admin.key"));
    load(&with(&key("a", '1', "admin = true")), &[]).unwrap();
}

#[test]
fn a_certificate_needs_its_key_and_an_origin_its_form() {
    let with = |line: &str| format!("{MINIMAL}[server]\n{line}");
    let lacking = fault(&with("tls_certificate = \"c.pem\""), &[]);
    assert!(lacking.contains("server.tls_key: is missing"), "{lacking}");
    load(&with("cors_origins = [\"https://app.example:8443\"]"), &[]).unwrap();
    for origin in [
        "*",
        "null",
        "app.example",
        "https://app.example/",
        "https://App.example",
    ] {
        let fault = fault(&with(&format!("cors_origins = [\"{origin}\"]")), &[]);
        assert!(fault.contains("server.cors_origins"), "{origin}: {fault}");
    }
}

#[test]
fn providers_are_checked() {
    let with = |name: &str, more: &str| {
        format!("{MINIMAL}[providers.{name}]\nbase_url = \"http://h/v1\"\n{more}")
    };
    load(&with("other", ""), &[]).unwrap();
    let unfit = fault(&with("\"a\\nb\"", ""), &[]);
    assert!(unfit.contains("must be 1 to 200"), "{unfit}");
    let lacking = fault(&with("other", "api_key_env = \"NONE_SUCH\""), &[]);
    assert!(lacking.contains("NONE_SUCH, which is not set"), "{lacking}");
    let within = with("other", "").replace("http://h", "http://user:secret@h");
    let misplaced = fault(&within, &[]);
    assert!(
        misplaced.contains("api_key_env") && !misplaced.contains("secret"),
        "{misplaced}"
    );
}

#[test]
fn a_page_reader_is_embedded_or_in_a_folder_or_a_repository() {
    let of = |model: &str| {
        let reader = ReaderConfig {
            model: model.to_owned(),
            ..ReaderConfig::default()
        };
        reader.source().unwrap()
    };
    assert_eq!(of("embedded"), ReaderModel::Embedded);
    assert_eq!(of("../readers"), ReaderModel::Path("../readers".into()));
    assert_eq!(of("/a/b"), ReaderModel::Path("/a/b".into()));
    assert_eq!(of("acme/reader"), ReaderModel::Repo("acme/reader".into()));
}
