//! What the operator decides: defaults, then a TOML file, then `SIGN_*` variables, then arguments.

use serde::Deserialize;
use sign_io::egress::Rules;
use sign_io::fetch::{Cache, Fetching};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// Everything configurable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Directory of the database, files, anchors and the server's own key.
    pub data: PathBuf,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Largest request body in bytes.
    pub max_body: usize,
    /// Longest time for one request.
    pub request_timeout: Duration,
    /// Longest time a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// Signing, verifying and drawing jobs at the same time.
    pub cpu_jobs: usize,
    /// Refuse to freeze or sign a file with content that can change its look, instead of warning.
    pub strict_content: bool,
    /// Waiting times before the second, third … attempt to deliver a message.
    pub retries: Vec<Duration>,
    /// Longest time one delivery attempt may take.
    pub delivery_timeout: Duration,
    /// PKCS#11 modules through which keys in tokens may be used. They run inside the server.
    pub pkcs11_modules: Vec<PathBuf>,
    /// Whether the status services that certificates name are asked.
    pub fetch: Fetch,
    /// Hosts that may be asked, as `host` or `host:port`; if there are any, no other is.
    pub fetch_hosts: Vec<String>,
    /// Ask services in this machine and this network too.
    pub fetch_private: bool,
    /// Time-stamping authorities, the first one preferred.
    pub tsa: Vec<String>,
    /// Longest time to wait for each of them; a request that takes longer than [`Config::request_timeout`]
    /// gets no answer.
    pub tsa_wait: Duration,
}

/// Whose status services are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fetch {
    /// Nobody's.
    Off,
    /// Those of certificates that lead to an anchor, and the named hosts.
    Anchored,
}

impl std::str::FromStr for Fetch {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "off" => Ok(Self::Off),
            "anchored" => Ok(Self::Anchored),
            _ => Err(()),
        }
    }
}

/// The same values as they may be written in a file; all optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// See [`Config::data`].
    pub data: Option<PathBuf>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::max_body`], in MiB.
    pub max_body_mib: Option<usize>,
    /// See [`Config::request_timeout`], in seconds.
    pub request_timeout_seconds: Option<u64>,
    /// See [`Config::header_timeout`], in seconds.
    pub header_timeout_seconds: Option<u64>,
    /// See [`Config::cpu_jobs`].
    pub cpu_jobs: Option<usize>,
    /// See [`Config::strict_content`].
    pub strict_content: Option<bool>,
    /// See [`Config::retries`], in seconds.
    pub retry_seconds: Option<Vec<u64>>,
    /// See [`Config::delivery_timeout`], in seconds.
    pub delivery_timeout_seconds: Option<u64>,
    /// See [`Config::pkcs11_modules`].
    pub pkcs11_modules: Option<Vec<PathBuf>>,
    /// See [`Config::fetch`]: `off` or `anchored`.
    pub fetch: Option<Fetch>,
    /// See [`Config::fetch_hosts`].
    pub fetch_hosts: Option<Vec<String>>,
    /// See [`Config::fetch_private`].
    pub fetch_private: Option<bool>,
    /// See [`Config::tsa`].
    pub tsa: Option<Vec<String>>,
    /// See [`Config::tsa_wait`], in seconds.
    pub tsa_wait_seconds: Option<u64>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML of this shape.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// A variable has no usable value.
    #[error("{name} has no usable value")]
    Variable {
        /// Its name.
        name: &'static str,
    },
    /// Nobody said where the data are.
    #[error("no data directory: give --data DIR, SIGN_DATA or data = \"DIR\" in the file")]
    NoData,
}

/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: the schedule of Standard Webhooks.
const RETRIES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

impl Config {
    /// The defaults for a data directory.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            max_body: 64 << 20,
            request_timeout: Duration::from_secs(60),
            header_timeout: Duration::from_secs(10),
            cpu_jobs: std::thread::available_parallelism().map_or(2, usize::from),
            strict_content: false,
            retries: RETRIES.map(Duration::from_secs).to_vec(),
            delivery_timeout: Duration::from_secs(30),
            pkcs11_modules: Vec::new(),
            fetch: Fetch::Anchored,
            fetch_hosts: Vec::new(),
            fetch_private: false,
            tsa: Vec::new(),
            tsa_wait: Duration::from_secs(45),
        }
    }

    /// How evidence is fetched; not at all if none. Answers are kept beside the other data.
    pub fn fetching(&self) -> Option<Fetching> {
        let rules = Rules {
            hosts: self.fetch_hosts.clone(),
            private_addresses: self.fetch_private,
            // Eight questions in the time of one request.
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(4),
            ..Rules::default()
        };
        let cache = Some(Cache::new(self.data.join("evidence")));
        (self.fetch == Fetch::Anchored).then(|| Fetching { rules, cache, ..Fetching::default() })
    }

    /// Puts the layers together; later ones win.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file or variable.
    pub fn load(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
        arguments: Settings,
    ) -> Result<Self, ConfigError> {
        let from_file = file.map(Settings::read).transpose()?.unwrap_or_default();
        let from_variables = Settings::from_variables(environment)?;
        let layers = [from_file, from_variables, arguments];
        let data = layers.iter().rev().find_map(|l| l.data.clone()).ok_or(ConfigError::NoData)?;
        Ok(layers.into_iter().fold(Self::new(data), Self::with))
    }

    fn with(mut self, layer: Settings) -> Self {
        let seconds = Duration::from_secs;
        self.listen = layer.listen.unwrap_or(self.listen);
        self.max_body = layer.max_body_mib.map_or(self.max_body, |mib| mib.saturating_mul(1 << 20));
        self.request_timeout = layer.request_timeout_seconds.map_or(self.request_timeout, seconds);
        self.header_timeout = layer.header_timeout_seconds.map_or(self.header_timeout, seconds);
        self.cpu_jobs = layer.cpu_jobs.unwrap_or(self.cpu_jobs).clamp(1, 1024);
        self.strict_content = layer.strict_content.unwrap_or(self.strict_content);
        if let Some(retries) = layer.retry_seconds {
            self.retries = retries.into_iter().map(seconds).collect();
        }
        self.delivery_timeout = layer.delivery_timeout_seconds.map_or(self.delivery_timeout, seconds);
        self.pkcs11_modules = layer.pkcs11_modules.unwrap_or(self.pkcs11_modules);
        self.fetch = layer.fetch.unwrap_or(self.fetch);
        self.fetch_hosts = layer.fetch_hosts.unwrap_or(self.fetch_hosts);
        self.fetch_private = layer.fetch_private.unwrap_or(self.fetch_private);
        self.tsa = layer.tsa.unwrap_or(self.tsa);
        self.tsa_wait = layer.tsa_wait_seconds.map_or(self.tsa_wait, seconds);
        self
    }
}

impl Settings {
    fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        toml::from_str(&text)
            .map_err(|source| ConfigError::File { path: path.to_owned(), source: Box::new(source) })
    }

    fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        fn parse<T: std::str::FromStr>(
            get: &impl Fn(&str) -> Option<String>,
            name: &'static str,
        ) -> Result<Option<T>, ConfigError> {
            let wrong = |_| ConfigError::Variable { name };
            get(name).map(|text| text.trim().parse().map_err(wrong)).transpose()
        }
        let list = |name| {
            let split = |text: String| text.split(',').map(|part| part.trim().to_owned()).collect();
            get(name).map(split)
        };
        let retries: Option<String> = parse(&get, "SIGN_RETRY_SECONDS")?;
        let split = |text: String| text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>();
        Ok(Self {
            data: parse(&get, "SIGN_DATA")?,
            listen: parse(&get, "SIGN_LISTEN")?,
            max_body_mib: parse(&get, "SIGN_MAX_BODY_MIB")?,
            request_timeout_seconds: parse(&get, "SIGN_REQUEST_TIMEOUT_SECONDS")?,
            header_timeout_seconds: parse(&get, "SIGN_HEADER_TIMEOUT_SECONDS")?,
            cpu_jobs: parse(&get, "SIGN_CPU_JOBS")?,
            strict_content: parse(&get, "SIGN_STRICT_CONTENT")?,
            retry_seconds: retries
                .map(split)
                .transpose()
                .map_err(|_| ConfigError::Variable { name: "SIGN_RETRY_SECONDS" })?,
            delivery_timeout_seconds: parse(&get, "SIGN_DELIVERY_TIMEOUT_SECONDS")?,
            // Paths with colons between, as in PATH.
            pkcs11_modules: get("SIGN_PKCS11_MODULES").map(|text| std::env::split_paths(&text).collect()),
            fetch: parse(&get, "SIGN_FETCH")?,
            fetch_hosts: list("SIGN_FETCH_HOSTS"),
            fetch_private: parse(&get, "SIGN_FETCH_PRIVATE")?,
            tsa: list("SIGN_TSA"),
            tsa_wait_seconds: parse(&get, "SIGN_TSA_WAIT_SECONDS")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_win_over_variables_over_file_over_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sign.toml");
        std::fs::write(&file, "data = \"a\"\nmax_body_mib = 1\ncpu_jobs = 3\nretry_seconds = [1, 2]\n")
            .unwrap();
        let variables = |name: &str| match name {
            "SIGN_DATA" => Some("b".to_owned()),
            "SIGN_CPU_JOBS" => Some("5".to_owned()),
            "SIGN_STRICT_CONTENT" => Some("true".to_owned()),
            "SIGN_FETCH_HOSTS" => Some("ocsp.a.vn, crl.b.vn:8080".to_owned()),
            _ => None,
        };
        let arguments = Settings { data: Some("c".into()), ..Settings::default() };
        let config = Config::load(Some(&file), variables, arguments).unwrap();
        assert_eq!(config.data, PathBuf::from("c"));
        assert_eq!((config.cpu_jobs, config.max_body), (5, 1 << 20));
        assert!(config.strict_content);
        assert_eq!(config.fetch_hosts, ["ocsp.a.vn", "crl.b.vn:8080"]);
        assert!(config.fetching().is_some(), "statuses are asked for unless the operator says no");
        let off = |name: &str| (name == "SIGN_FETCH").then(|| "off".to_owned());
        assert!(Config::load(Some(&file), off, Settings::default()).unwrap().fetching().is_none());
        assert_eq!(config.retries, [1, 2].map(Duration::from_secs));
        assert_eq!(config.listen.port(), 8080);
    }

    #[test]
    fn names_what_cannot_be_used() {
        let none = |_: &str| None;
        assert!(matches!(Config::load(None, none, Settings::default()), Err(ConfigError::NoData)));
        let bad = |name: &str| (name == "SIGN_LISTEN").then(|| "here".to_owned());
        assert!(matches!(
            Config::load(None, bad, Settings::default()),
            Err(ConfigError::Variable { name: "SIGN_LISTEN" })
        ));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sign.toml");
        std::fs::write(&file, "date = \"misspelt\"").unwrap();
        let error = Config::load(Some(&file), none, Settings::default()).unwrap_err();
        assert!(error.to_string().contains("unknown field"), "{error}");
    }
}
