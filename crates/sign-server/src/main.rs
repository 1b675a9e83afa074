//! `sign-server`: what was typed, and which part of the library does it.

use clap::{Parser, Subcommand};
use sign_server::{
    config::{Config, Settings},
    serve::Server,
};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

/// Signs, verifies and circulates official documents over HTTP.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
}

#[derive(clap::Args)]
struct ServeArguments {
    /// Directory of the database, files, trust anchors and the server's own key
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// TOML file with the same settings and more
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    let done = match arguments.command {
        Some(command) => match command {},
        None => serve(arguments.serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIGN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn serve(arguments: ServeArguments) -> anyhow::Result<()> {
    let given = Settings { data: arguments.data, listen: arguments.listen, ..Settings::default() };
    let config = Config::load(arguments.config.as_deref(), |name| std::env::var(name).ok(), given)?;
    let server = Server::start(config).await?;
    stop_asked().await?;
    server.stop().await;
    Ok(())
}

/// Returns when the process is asked to end (SIGINT or SIGTERM).
async fn stop_asked() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            done = tokio::signal::ctrl_c() => done,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
