//! `sign-server`: what was typed, and which part of the library does it.

mod output;

use clap::{Parser, Subcommand};
use sign_core::report::words::Lang;
use sign_server::{
    app::offices::{self, NewOffice},
    config::{Config, Settings},
    demo::{self, Letter, Step},
    serve::Server,
};
use std::{io::IsTerminal, net::SocketAddr, path::PathBuf, process::ExitCode};

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
    /// PKCS#11 module through which keys in tokens and HSMs may be used; may be repeated. It runs inside
    /// the server; no other module is ever loaded
    #[arg(long, value_name = "FILE")]
    pkcs11_module: Vec<PathBuf>,
    /// TOML file with the same settings and more
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Begin the books of an organisation and print its first administrator's API key, once
    Init(InitArguments),
    /// Walk a letter through two offices and leave what came of it in a folder
    Demo(DemoArguments),
}

#[derive(clap::Args)]
struct DemoArguments {
    /// Folder for what is left behind
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,
    /// Another letter: a PDF with `Số:`, `ngày … tháng … năm …` and the signer's title and name on it
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Its kind without diacritics, as in quyet_dinh [default: cong_van]
    #[arg(long)]
    kind: Option<String>,
    /// Its abstract
    #[arg(long)]
    subject: Option<String>,
    /// Unit that drafted it, for the notation of a công văn [default: CNTT]
    #[arg(long)]
    unit: Option<String>,
    /// Title above the signature [default: GIÁM ĐỐC]
    #[arg(long)]
    signer_title: Option<String>,
    /// Name below the signature [default: Nguyễn Văn A]
    #[arg(long)]
    signer_name: Option<String>,
    /// Language: vi or en [default: from LANG]
    #[arg(long, value_parser = read_lang)]
    lang: Option<Lang>,
    /// Stop after a step, keep the servers running and say how to go on: prepare, draft, freeze,
    /// sign, number, seal, issue, dispatch, arrive, verify, register or reject
    #[arg(long, value_name = "STEP", value_parser = read_step)]
    stop_after: Option<Step>,
}

fn read_lang(text: &str) -> Result<Lang, String> {
    Lang::from_code(text).ok_or_else(|| "vi or en".to_owned())
}

fn read_step(text: &str) -> Result<Step, String> {
    Step::from_name(text).ok_or_else(|| Step::ALL.map(Step::name).join(", "))
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
    start_log(if arguments.command.is_some() { "warn" } else { "info" });
    let done = match arguments.command {
        Some(Command::Init(arguments)) => init(arguments),
        Some(Command::Demo(arguments)) => demonstrate(arguments).await,
        None => serve(arguments.serve).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error);
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

async fn demonstrate(arguments: DemoArguments) -> anyhow::Result<()> {
    let from_environment = std::env::var("LANG").ok().and_then(|lang| Lang::from_code(&lang));
    let usual = Letter::default();
    let letter = Letter {
        kind: arguments.kind.unwrap_or(usual.kind),
        subject: arguments.subject.unwrap_or(usual.subject),
        unit: arguments.unit.unwrap_or(usual.unit),
        signer_title: arguments.signer_title.unwrap_or(usual.signer_title),
        signer_name: arguments.signer_name.unwrap_or(usual.signer_name),
    };
    let options = demo::Options {
        out: arguments.out,
        pdf: arguments.pdf,
        letter,
        lang: arguments.lang.or(from_environment).unwrap_or(Lang::En),
        stop_after: arguments.stop_after,
    };
    let ended = demo::run(&options, &mut std::io::stdout()).await?;
    if ended.stopped {
        stop_asked().await?;
    }
    Ok(ended.close().await?)
}

fn start_log(usual: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SIGN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    let terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(std::io::stderr).init();
}

async fn serve(arguments: ServeArguments) -> anyhow::Result<()> {
    let modules = Some(arguments.pkcs11_module).filter(|modules| !modules.is_empty());
    let given = Settings {
        data: arguments.data,
        listen: arguments.listen,
        pkcs11_modules: modules,
        ..Settings::default()
    };
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
