//! A real registry: Debian's `docker-registry`, on a free port of this machine, with a storage of its own.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who may use a registry that wants to know.
pub(crate) const USER: &str = "builder";
pub(crate) const PASSWORD: &str = "secret";
/// Both, as a registry keeps them.
const HTPASSWD: &str = "builder:$2b$05$gk55xNqqvqcnGJtnJ0Uo1.cpXoToSrsc60Pdi.5S6K4JkEMv78Y5K\n";

/// Until it is dropped.
pub(crate) struct Server {
    process: Child,
    directory: PathBuf,
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
}

impl Server {
    /// For everybody. Nothing where the program is missing.
    pub(crate) fn start() -> Option<Self> {
        Self::with("")
    }

    /// For [`USER`].
    pub(crate) fn start_closed() -> Option<Self> {
        Self::with("auth: {htpasswd: {realm: tests, path: htpasswd}}\n")
    }

    fn with(auth: &str) -> Option<Self> {
        let directory = fresh_directory("registry");
        fs::write(directory.join("htpasswd"), HTPASSWD).expect("a file can be written");
        let configuration = format!(
            "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: storage}}}}\nhttp: {{addr: '127.0.0.1:0', secret: tests}}\n{auth}"
        );
        fs::write(directory.join("config.yml"), configuration).expect("a file can be written");
        let mut command = Command::new("docker-registry");
        command.args(["serve", "config.yml"]).current_dir(&directory);
        let mut process =
            match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn() {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    eprintln!("skipped: there is no docker-registry; `make registry-tools` installs it");
                    return None;
                }
                process => process.expect("docker-registry starts"),
            };
        let mut log = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut lines = String::new();
        let port = loop {
            let start = lines.len();
            if log.read_line(&mut lines).expect("its log is text") == 0 {
                panic!("docker-registry does not start: {lines}");
            }
            if let Some((_, rest)) = lines[start..].split_once("listening on 127.0.0.1:") {
                break rest.chars().take_while(char::is_ascii_digit).collect::<String>();
            }
        };
        // It must always be able to write on.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Self { process, directory, host: format!("127.0.0.1:{port}") })
    }

    /// A Docker config with a password for this registry.
    pub(crate) fn docker_config(&self, password: &str) -> PathBuf {
        let auth = base64(format!("{USER}:{password}").as_bytes());
        let config = format!(r#"{{"auths": {{"{}": {{"auth": "{auth}"}}}}}}"#, self.host);
        let directory = fresh_directory("docker-config");
        fs::write(directory.join("config.json"), config).expect("a file can be written");
        directory.join("config.json")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// An empty directory that no other test uses.
pub(crate) fn fresh_directory(name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{name}-{}-{count}", std::process::id());
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("a directory can be made");
    directory
}

/// RFC 4648.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            (0..3).fold(0_usize, |bits, index| bits << 8 | usize::from(*chunk.get(index).unwrap_or(&0)));
        for digit in 0..4 {
            let padding = digit > chunk.len();
            text.push(if padding { '=' } else { char::from(DIGITS[bits >> (18 - 6 * digit) & 63]) });
        }
    }
    text
}
