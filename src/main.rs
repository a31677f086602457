//! The `receipt-gateway` program.

use std::{io::Write, net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use receipt_gateway::{
    app,
    cli::{self, Arguments, Command, ModelsCommand},
    config::{Config, Environment, LogConfig, LogFormat},
};
use tokio::{net::TcpListener, runtime::Runtime, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The log may not have started; nothing can be done where this fails too.
            let _ = writeln!(std::io::stderr(), "receipt-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(&arguments.config, &Environment::from_process())?;
    let out = &mut std::io::stdout();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            start_log(&config.log)?;
            Runtime::new()?.block_on(serve(&config))
        }
        Command::Openapi => cli::openapi(&config, out),
        Command::CheckConfig => cli::check_config(&config, out),
        Command::Models { command } => {
            match command {
                ModelsCommand::List => cli::list_models(&config, out),
                ModelsCommand::Pull { model, revision } => Runtime::new()?
                    .block_on(cli::pull_models(&config, model.as_deref(), &revision, out)),
            }
        }
    }
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let app = app::build(config)?;
    app::preload(&app, config).await?;
    let address = SocketAddr::new(config.server.host, config.server.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("server.host, server.port: {address}"))?;
    if !address.ip().is_loopback() && config.server.api_key.is_none() {
        tracing::warn!(%address, "anybody who reaches this address may use it: there is no key");
    }
    tracing::info!("listening on http://{}, try /docs", listener.local_addr()?);

    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let grace = Duration::from_secs(config.server.shutdown_grace_seconds);
    app::serve(app, listener, stop, grace).await
}

async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminate => {}
    }
    tracing::info!("stopping: no new requests, those that run may finish");
    stop.cancel();
}

fn start_log(config: &LogConfig) -> anyhow::Result<()> {
    // mistral.rs is chatty about what the gateway says itself.
    let quiet = "mistralrs_core=warn,mistralrs_quant=warn";
    let filter = EnvFilter::try_new(format!("{},{quiet}", config.level))
        .with_context(|| format!("log.level: {:?}", config.level))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    match config.format {
        LogFormat::Human => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
