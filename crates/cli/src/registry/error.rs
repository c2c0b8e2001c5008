//! Why a digest is not known, in one short line that says who was asked and what happened.
//!
//! The policy shows it to the user, so what a registry says itself is never repeated: only the names of errors.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use oci_client::Reference;
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};

use super::RegistryOptions;

/// Texts of libraries and systems are cut after as many characters.
const LONGEST_REASON: usize = 120;

/// Why the digest of an image is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    /// The registry as the image names it; the whole image if it names none.
    pub asked: String,
    /// What happened.
    pub problem: Problem,
}

/// What can go wrong in a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It answered, but not as registries do.
    Answer {
        /// What is wrong with the answer.
        reason: String,
    },
    /// It gets more requests than it allows.
    Busy,
    /// The file with the credentials cannot be used.
    Credentials {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It answers that this is not allowed.
    Forbidden,
    /// The answer is no manifest.
    NoManifest,
    /// The image is no reference that a registry can be asked for.
    NoReference,
    /// It has no TLS where TLS is needed.
    NoTls,
    /// It has no such image.
    NotFound {
        /// The repository, with tag or digest.
        image: String,
    },
    /// Nobody listens there.
    Refused,
    /// The client cannot be set up.
    Setup {
        /// What prevented it.
        reason: String,
    },
    /// It did not answer in time.
    Silent {
        /// The limit.
        limit: Duration,
    },
    /// It has another status than a registry should have.
    Status {
        /// The HTTP status.
        code: u16,
    },
    /// The TLS connection failed, such as for a certificate that nobody trusts.
    Tls {
        /// What is wrong with it.
        reason: String,
    },
    /// It wants credentials.
    Unauthorized {
        /// What is known about ours.
        credentials: &'static str,
    },
    /// There is no connection to it, or its name is unknown.
    Unreachable {
        /// What the system says.
        reason: String,
    },
}

impl LookupError {
    /// Whether every image of this registry would fail in the same way, and perhaps as slowly.
    pub fn concerns_registry(&self) -> bool {
        matches!(
            self.problem,
            Problem::Busy
                | Problem::NoTls
                | Problem::Refused
                | Problem::Silent { .. }
                | Problem::Tls { .. }
                | Problem::Unreachable { .. }
        )
    }
}

impl Error for LookupError {}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = short(&self.asked);
        match &self.problem {
            Problem::Answer { reason } => {
                write!(f, "{asked} does not answer like a registry: {}", short(reason))
            }
            Problem::Busy => write!(f, "{asked} says that it gets too many requests (HTTP status 429)"),
            Problem::Credentials { path, reason } => {
                let path = path.display().to_string();
                write!(f, "no credentials for {asked} from {}: {}", short(&path), short(reason))
            }
            Problem::Forbidden => write!(f, "{asked} denied access"),
            Problem::NoManifest => write!(f, "{asked} answered with something that is not an image manifest"),
            Problem::NoReference => write!(f, "no registry can be asked for {asked}"),
            Problem::NoTls => {
                write!(f, "{asked} does not speak TLS, and is not listed as an insecure registry")
            }
            Problem::NotFound { image } => write!(f, "{asked} has no {}", short(image)),
            Problem::Refused => write!(f, "{asked} refused the connection"),
            Problem::Setup { reason } => write!(f, "{asked} cannot be asked: {}", short(reason)),
            Problem::Silent { limit } => write!(f, "{asked} did not answer within {limit:?}"),
            Problem::Status { code } => write!(f, "{asked} answered with HTTP status {code}"),
            Problem::Tls { reason } => write!(f, "no TLS connection with {asked}: {}", short(reason)),
            Problem::Unauthorized { credentials } => write!(f, "{asked} requires credentials, {credentials}"),
            Problem::Unreachable { reason } => write!(f, "{asked} cannot be reached: {}", short(reason)),
        }
    }
}

impl Problem {
    /// What an error of the OCI client means. Of the credentials it is known what is to be said where they do not do.
    pub(super) fn of(
        error: OciDistributionError,
        image: &Reference,
        credentials: &'static str,
        options: &RegistryOptions,
    ) -> Self {
        let unauthorized = || Self::Unauthorized { credentials };
        let not_found = || {
            let separator = if image.digest().is_some() { '@' } else { ':' };
            let version = image.digest().or(image.tag()).unwrap_or_default();
            Self::NotFound { image: format!("{}{separator}{version}", image.repository()) }
        };
        match error {
            OciDistributionError::UnauthorizedError { .. }
            | OciDistributionError::AuthenticationFailure(_) => unauthorized(),
            OciDistributionError::ImageManifestNotFoundError(_) => not_found(),
            OciDistributionError::RegistryError { envelope, .. } => {
                match envelope.errors.first().map(|error| &error.code) {
                    Some(
                        OciErrorCode::ManifestUnknown | OciErrorCode::NameUnknown | OciErrorCode::NotFound,
                    ) => not_found(),
                    Some(OciErrorCode::BlobUnknown | OciErrorCode::ManifestBlobUnknown) => {
                        Self::Answer { reason: "it does not have the layer that its manifest names".into() }
                    }
                    Some(OciErrorCode::Unauthorized) => unauthorized(),
                    Some(OciErrorCode::Denied) => Self::Forbidden,
                    Some(OciErrorCode::Toomanyrequests) => Self::Busy,
                    Some(code) => Self::Answer { reason: format!("{code:?}") },
                    None => Self::Answer { reason: "an error without a code".into() },
                }
            }
            OciDistributionError::ServerError { code: 404, .. } => not_found(),
            OciDistributionError::ServerError { code: 403, .. } => Self::Forbidden,
            OciDistributionError::ServerError { code: 429, .. } => Self::Busy,
            OciDistributionError::ServerError { code, .. } => Self::Status { code },
            OciDistributionError::DigestError(DigestError::VerificationError { expected, .. })
                if image.digest() == Some(&expected) =>
            {
                Self::Answer { reason: "its manifest does not have the requested digest".into() }
            }
            OciDistributionError::DigestError(_) => {
                Self::Answer { reason: "the digest that it reports is not that of its manifest".into() }
            }
            OciDistributionError::RequestError(error) => {
                let limit = if error.is_connect() { options.connect_limit } else { options.time_limit };
                if error.is_timeout() {
                    return Self::Silent { limit };
                }
                Self::of_request(&error, error.is_connect())
            }
            // Whatever else it is, it is about an answer.
            _ => Self::Answer { reason: "it violates the distribution specification".into() },
        }
    }

    /// What is at the bottom of an error of the HTTP client.
    fn of_request(error: &(dyn Error + 'static), is_connect: bool) -> Self {
        let mut last = error;
        let mut next = Some(error);
        while let Some(error) = next {
            last = error;
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return Self::of_tls(error);
            }
            next = error.source();
            if let Some(error) = error.downcast_ref::<io::Error>() {
                if error.kind() == ErrorKind::ConnectionRefused {
                    return Self::Refused;
                }
                // Its source is not what it holds, but what that has as its source.
                next = error.get_ref().map(|inner| -> &(dyn Error + 'static) { inner });
            }
        }
        let reason = last.to_string();
        if is_connect { Self::Unreachable { reason } } else { Self::Answer { reason } }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidMessage(_) => Self::NoTls,
            error => Self::Tls { reason: error.to_string() },
        }
    }
}

/// One line of printable ASCII, for it may travel in a header.
pub(crate) fn short(text: &str) -> String {
    let mut short = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == LONGEST_REASON {
            short.push_str("...");
            break;
        }
        short.push(if c == ' ' || c.is_ascii_graphic() { c } else { '?' });
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_one_short_line() {
        let error = LookupError {
            asked: "a\nb".into(),
            problem: Problem::Unreachable { reason: format!("{}\u{e9}\u{1b}", "x".repeat(1000)) },
        };
        assert_eq!(error.to_string(), format!("a?b cannot be reached: {}...", "x".repeat(120)));
        let error =
            LookupError { asked: "a".into(), problem: Problem::Tls { reason: "\u{e9}\u{1b}[2J".into() } };
        assert_eq!(error.to_string(), "no TLS connection with a: ??[2J");
    }
}
