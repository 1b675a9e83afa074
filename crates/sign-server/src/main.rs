//! `sign-server`: what was typed, and which part of the library does it.

mod output;

use clap::{Parser, Subcommand};
use sign_server::{
    app::offices::{self, NewOffice},
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
enum Command {
    /// Begin the books of an organisation and print its first administrator's API key, once
    Init(InitArguments),
}

#[derive(clap::Args)]
struct InitArguments {
    /// Directory of the database, files, trust anchors and the server's own key
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Code of the organisation (QĐ 20/2020/QĐ-TTg), as in H40.01
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// Its name
    #[arg(long)]
    name: String,
    /// Its abbreviation in notations, as in STTTT
    #[arg(long)]
    symbol: String,
    /// Place of issue, as in "Nam Định"
    #[arg(long)]
    place: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    let done = match arguments.command {
        Some(Command::Init(arguments)) => init(arguments),
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

fn init(arguments: InitArguments) -> anyhow::Result<()> {
    let new = NewOffice {
        code: arguments.organisation,
        name: arguments.name,
        symbol: arguments.symbol,
        place: arguments.place,
    };
    let made = offices::begin(&arguments.data, new)?;
    output::admin_key(&made);
    Ok(())
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
