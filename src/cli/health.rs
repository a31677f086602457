//! `receipt-gateway health`: asks the gateway of a configuration on this machine how it is, for containers
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

/// How long the gateway may take to answer.
const TIMEOUT: Duration = Duration::from_secs(4);

/// What to ask.
#[derive(Debug, Clone, Copy, Args)]
pub struct HealthArguments {
    /// Ask whether requests are welcome, not just whether the gateway answers.
    #[arg(long)]
    pub ready: bool,
}

/// Asks, and writes the answer.
///
/// # Errors
/// A gateway that cannot be reached, or that says no.
pub async fn ask(
    asked: HealthArguments,
    server: &ServerConfig,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        // The certificate is for the name that others know the gateway by; nothing secret is said.
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
    let answer = answer.with_context(|| url.clone())?;
    let status = answer.status();
    writeln!(out, "{}", answer.text().await?.trim_end())?;
    anyhow::ensure!(status.is_success(), "{url}: {status}");
    Ok(())
}

/// Where a gateway that listens on `host` is reached from its own machine.
fn from_here(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    }
}
