//! A server in a process of its own.

use crate::workspace::binary;
use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server in a process of its own; ended when dropped.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn start(data: &Path, log: &Path) -> Running {
    start_as(Command::new(binary("sign-server")), data, log)
}

/// With arguments and variables of the caller's.
pub(super) fn start_as(mut command: Command, data: &Path, log: &Path) -> Running {
    let child = command
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("SIGN_LOG", "trace")
        .env("SIGN_RETRY_SECONDS", "1,1,1,1,1,1,1,1")
        // A lease lasts as long as an attempt and five seconds: what a crash can hold up.
        .env("SIGN_DELIVERY_TIMEOUT_SECONDS", "1")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log).unwrap())
        .spawn();
    Running(child.unwrap())
}

/// The address is in the first line of the log.
pub(super) async fn address(log: &Path) -> SocketAddr {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(log).unwrap();
        let found =
            text.split_once("address=").and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
        match found {
            Some(address) => return address,
            None => assert!(Instant::now() < until, "not listening: {text}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
