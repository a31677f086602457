//! `receipt-gateway health`, of a program that serves.

use crate::{
    program::{Program, far},
    upstream::{Upstream, says},
};

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_the_gateway_that_serves_here_under_tls_too() {
    let (_upstream, upstream) = Upstream::serve([says(&["Hello"])]).await;
    let root = env!("CARGO_MANIFEST_DIR");
    let tls = format!(
        r#"
        tls_certificate = "{root}/tests/fixtures/tls/certificate.pem"
        tls_key = "{root}/tests/fixtures/tls/key.pem"
        "#
    );
    for listener in ["", &tls] {
        let config = far(upstream, listener);
        let program = Program::start(&config, &[]);
        let port = program.address.port().to_string();
        let here = [("PORT", port.as_str())];
        for (words, answer) in [
            (&["health"][..], r#"{"status":"alive"}"#),
            (&["health", "--ready"], r#""status":"ready""#),
        ] {
            let asked = program.run(words, &here);
            let said = String::from_utf8(asked.stdout.clone()).unwrap();
            assert!(asked.status.success(), "{asked:?}");
            assert!(said.contains(answer), "{said}");
        }
        // What the file says now does not matter: the gateway goes on without it.
        program.configure(&config.replace("[[models]]", "[[models]]\nx = 1"));
        assert!(program.run(&["health"], &here).status.success());

        assert!(program.stop().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fails_where_nobody_serves() {
    let (_upstream, upstream) = Upstream::serve([says(&["Hello"])]).await;
    let program = Program::start(&far(upstream, ""), &[]);
    let asked = program.run(&["health"], &[("PORT", "1")]);
    assert_eq!(asked.status.code(), Some(1));
    let said = String::from_utf8(asked.stderr).unwrap();
    assert!(said.contains("http://127.0.0.1:1/health/live"), "{said}");
    assert!(program.stop().success());
}
