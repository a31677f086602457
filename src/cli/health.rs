//! `receipt-gateway health`: checks the gateway that runs on this machine with a configuration, for containers
//! and supervisors whose images hold no other client.

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use reqwest::{Client, redirect::Policy};

use crate::config::ServerConfig;

/// The longest time that the gateway may take to answer.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The arguments of `health`.
#[derive(Debug, Clone, Copy, Args)]
pub struct HealthArguments {
    /// Ask whether the gateway is ready for requests, not only whether it is alive.
    #[arg(long)]
    pub ready: bool,
}

/// Asks the gateway for its health, and writes the answer to `out`.
///
/// # Errors
/// Fails if the gateway cannot be reached, or answers with a failure.
pub async fn ask(
    asked: HealthArguments,
    server: &ServerConfig,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        // The certificate is for the gateway's public name, not for this address; no secret is sent.
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let scheme = match server.tls_certificate {
        Some(_) => "https",
        None => "http",
    };
    let address = SocketAddr::new(from_here(server.host), server.port);
    let path = if asked.ready { "ready" } else { "live" };
    let url = format!("{scheme}://{address}/health/{path}");
    let answer = client.get(&url).send().await;
    let answer = answer.with_context(|| format!("the gateway does not answer at {url}"))?;
    let status = answer.status();
    writeln!(out, "{}", answer.text().await?.trim_end())?;
    anyhow::ensure!(status.is_success(), "{url} answered {status}");
    Ok(())
}

/// Returns the address at which a gateway that listens on `host` is reached from its own machine.
fn from_here(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    }
}
