//! Credentials for registries, as `docker login` keeps them: in the file itself, or with a credential helper.

use std::env;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;

use super::error::Problem;

/// What Docker Hub is called in these files.
const DOCKER_HUB: (&str, &str) = ("index.docker.io", "https://index.docker.io/v1/");

/// Who we are to a registry.
#[derive(Clone)]
pub(super) enum Credentials {
    /// Nobody.
    None,
    /// Nobody, although the file has a token that only Docker itself can use.
    IdentityToken,
    Password {
        user: String,
        password: String,
    },
}

impl Credentials {
    /// What to say of them where the registry wants others.
    pub(super) fn in_vain(&self) -> &'static str {
        match self {
            Self::None => "but the Docker config has none for it",
            Self::IdentityToken => "but the identity token of the Docker config cannot be used here",
            Self::Password { .. } => "but rejected those of the Docker config",
        }
    }

    pub(super) fn auth(&self) -> RegistryAuth {
        match self {
            Self::None | Self::IdentityToken => RegistryAuth::Anonymous,
            Self::Password { user, password } => RegistryAuth::Basic(user.clone(), password.clone()),
        }
    }
}

/// The file that Docker reads: in `$DOCKER_CONFIG`, or else in `.docker` of the home directory.
pub fn docker_config() -> Option<PathBuf> {
    let directory = env::var_os("DOCKER_CONFIG").filter(|directory| !directory.is_empty());
    let directory = directory.map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".docker")));
    Some(directory?.join("config.json"))
}

/// The credentials for a registry. A file that does not exist has none.
pub(super) fn read(path: &Path, registry: &str, limit: Duration) -> Result<Credentials, Problem> {
    match File::open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Credentials::None),
        Err(error) => return Err(unusable(path, error.to_string())),
    }
    // A helper is a program, and may not end.
    let (sender, receiver) = mpsc::channel();
    let (file, server) = (path.to_path_buf(), registry.to_string());
    let thread = thread::Builder::new().name("credentials".into()).spawn(move || {
        // Nobody listens if it took too long.
        let _ = sender.send(ask(&file, &server));
    });
    thread.map_err(|error| unusable(path, error.to_string()))?;
    match receiver.recv_timeout(limit) {
        Ok(Ok(DockerCredential::UsernamePassword(user, password))) => {
            Ok(Credentials::Password { user, password })
        }
        Ok(Ok(DockerCredential::IdentityToken(_))) => Ok(Credentials::IdentityToken),
        Ok(Err(CredentialRetrievalError::NoCredentialConfigured)) => Ok(Credentials::None),
        // What a helper says when it has none.
        Ok(Err(CredentialRetrievalError::HelperFailure { stdout, .. }))
            if stdout.contains("credentials not found") =>
        {
            Ok(Credentials::None)
        }
        Ok(Err(CredentialRetrievalError::HelperFailure { helper, .. })) => {
            Err(unusable(path, format!("{helper} failed")))
        }
        Ok(Err(error)) => Err(unusable(path, error.to_string())),
        Err(_) => Err(unusable(path, format!("the credential helper did not answer within {limit:?}"))),
    }
}

fn ask(path: &Path, registry: &str) -> Result<DockerCredential, CredentialRetrievalError> {
    let ask = |server: &str| {
        let file = File::open(path).map_err(|_| CredentialRetrievalError::ConfigReadError)?;
        docker_credential::get_credential_from_reader(file, server)
    };
    if registry == DOCKER_HUB.0
        && let Ok(found) = ask(DOCKER_HUB.1)
    {
        return Ok(found);
    }
    ask(registry)
}

fn unusable(path: &Path, reason: String) -> Problem {
    Problem::Credentials { path: path.to_path_buf(), reason }
}
