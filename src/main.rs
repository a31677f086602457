//! The `receipt-gateway` program.

use std::{io::Write, net::SocketAddr, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use receipt_gateway::{
    app::observe,
    cli::{
        self, Arguments, Command, End, KeysCommand, ModelsCommand,
        local::{Local, LocalText},
        reader::{Ask, ReceiptReader, TextReader},
    },
    config::{Config, ConfigError, Environment},
    server::{ConfigFile, Gateway},
};
use tokio::{net::TcpListener, runtime::Runtime, signal};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        // The reader of the output has closed the pipe, as `head` does.
        Err(error) if cli::run::is_closed_pipe(&error) => ExitCode::FAILURE,
        Err(error) => match error.downcast::<clap::Error>() {
            Ok(usage) => usage.exit(),
            Err(error) => {
                // The log may not have started. A failure to write this message is ignored.
                let _ = writeln!(std::io::stderr(), "receipt-gateway: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let file = ConfigFile {
        path: arguments.config,
        environment: Environment::from_process,
    };
    let load = || file.read();
    let out = &mut std::io::stdout();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = load()?;
            let runtime = Runtime::new()?;
            let observing = observe::start(&config, runtime.handle().clone())?;
            let served = runtime.block_on(serve(config, file));
            runtime.block_on(observing.finish());
            served?;
        }
        Command::Extract(asked) => {
            return read(async |stop, errors| {
                let local = async |ask: &Ask| local(load(), ask).await;
                cli::extract::run(&asked, local, stop, errors).await
            });
        }
        Command::Eval(asked) => {
            return read(async |stop, errors| {
                let local = async |ask: &Ask| local(load(), ask).await;
                cli::eval::run(&asked, local, stop, out, errors).await
            });
        }
        Command::Verify(asked) => {
            let config = load()?;
            return read(async |stop, errors| {
                cli::verify::run(&asked, &config, stop, out, errors).await
            });
        }
        Command::Bench(asked) => {
            return read(async |stop, errors| {
                let local = async |ask: &Ask| Local::new(&load()?, ask).await;
                cli::bench::run(&asked, local, stop, out, errors).await
            });
        }
        Command::Text(asked) => {
            return read(async |stop, errors| {
                let local = || Ok(Box::new(LocalText::new(&load()?)?) as Box<dyn TextReader>);
                cli::text::run(&asked, local, stop, out, errors).await
            });
        }
        Command::Health(asked) => {
            let server = file.listener()?;
            Runtime::new()?.block_on(cli::health::ask(asked, &server, out))?;
        }
        Command::Openapi => cli::openapi(&load()?, out)?,
        Command::CheckConfig => Runtime::new()?.block_on(cli::check_config(load()?, out))?,
        Command::Doctor(asked) => {
            let path = file.path.clone();
            let starts = Runtime::new()?.block_on(cli::doctor::run(asked, path, load(), out))?;
            if !starts {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Keys { command } => match command {
            KeysCommand::New { name } => cli::keys::new(&name, out)?,
        },
        Command::Models { command } => match command {
            ModelsCommand::List => cli::models::list(&load()?, out)?,
            ModelsCommand::Pull { model, revision } => {
                let config = load()?;
                let pull = cli::models::pull(&config, model.as_deref(), &revision, out);
                Runtime::new()?.block_on(pull)?;
            }
        },
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command that reads files, until it ends or is interrupted.
fn read(
    command: impl AsyncFnOnce(CancellationToken, &mut dyn Write) -> anyhow::Result<End>,
) -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let end = runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(cli::stop_on_interrupt(stop.clone()));
        command(stop, &mut std::io::stderr()).await
    });
    // A read of standard input may hang for ever; the program does not wait for it.
    runtime.shutdown_background();
    Ok(ExitCode::from(end?.code()))
}

/// Makes the reader for a command that names no server.
async fn local(
    config: Result<Config, ConfigError>,
    ask: &Ask,
) -> anyhow::Result<Box<dyn ReceiptReader>> {
    Ok(Box::new(Local::new(&config?, ask).await?))
}

async fn serve(config: Config, file: ConfigFile) -> anyhow::Result<()> {
    let address = SocketAddr::new(config.server.host, config.server.port);
    if !address.ip().is_loopback() && !config.needs_key() {
        tracing::warn!(%address, "no API key is set: every client that reaches this address may use the gateway");
    }
    let gateway = Gateway::start(config, file).await?;
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; check server.host and server.port")
    })?;
    let (scheme, address) = (gateway.scheme(), listener.local_addr()?);
    tracing::info!("listening on {scheme}://{address}, try /docs");

    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    gateway.serve(listener, stop).await;
    Ok(())
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
    tracing::info!("stopping: no new requests are accepted, running ones may finish");
    stop.cancel();
}
