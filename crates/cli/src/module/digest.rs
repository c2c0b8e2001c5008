//! Names of contents: `sha256:` with 64 digits, `sha512:` with 128.
//!
//! The digits are hexadecimal and in lower case, so a digest can be part of a path.

use std::fmt::{self, Write as _};

use sha2::{Sha256, Sha512};

/// The name of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) algorithm: Algorithm,
    pub(super) digits: String,
}

/// Those that the image specification registers, and that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn digits(self, content: &[u8]) -> String {
        match self {
            Self::Sha256 => hexadecimal(&<Sha256 as sha2::Digest>::digest(content)),
            Self::Sha512 => hexadecimal(&<Sha512 as sha2::Digest>::digest(content)),
        }
    }
}

impl Digest {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, digits) = text.split_once(':')?;
        let (algorithm, length) = match name {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return None,
        };
        let good = digits.len() == length && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Self { algorithm, digits: digits.into() })
    }

    /// Whether this is the name of that content.
    pub(super) fn is_of(&self, content: &[u8]) -> bool {
        self.algorithm.digits(content) == self.digits
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.digits)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What FIPS 180 gives for this text.
    const ABC: [&str; 2] = [
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ];

    #[test]
    fn a_digest_is_of_one_content() {
        for text in ABC {
            let digest = Digest::parse(text).expect("a digest");
            assert_eq!(digest.to_string(), text);
            assert!(digest.is_of(b"abc"));
            assert!(!digest.is_of(b"abd"));
        }
    }

    #[test]
    fn nothing_else_is_a_digest() {
        let [sha256, sha512] = ABC;
        for text in [
            "",
            "sha256",
            "sha256:",
            sha256.trim_end_matches("15ad"),
            &format!("{sha256}0"),
            &sha256.to_uppercase(),
            &sha256.replacen("ba", "BA", 1),
            &sha256.replacen("ba", "/.", 1),
            &sha256.replace("256", "512"),
            &sha512.replace("512", "256"),
            &sha256.replace("sha256", "md5"),
            &format!(" {sha256}"),
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
