//! Looking digests up: each image once, at most three images a request, and only an answer that is a digest counts.
//!
//! policy-server asks the registry, one image after the other for all policies and without a time limit, so a
//! request must not make it ask much. Source: Kubewarden's `oci/v1/manifest_digest`.

use fresh_images_json::{Node, read};

use crate::reference::{Reference, parse_digest};

/// The most images that are looked up for one request.
const MAX_LOOK_UPS: usize = 3;

/// Where digests come from: the host's capability `oci/v1/manifest_digest`.
pub trait Registry {
    /// The JSON that the capability answers for an image: `{"digest": "sha256:…"}`. `image` is canonical, with a tag.
    ///
    /// # Errors
    ///
    /// Why there is no answer; the user will read it.
    fn manifest_digest(&self, image: &str) -> Result<Vec<u8>, String>;
}

/// Answers nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoRegistry;

impl Registry for NoRegistry {
    fn manifest_digest(&self, image: &str) -> Result<Vec<u8>, String> {
        Err(format!("no registry may be asked for {image}"))
    }
}

/// The images to look up, each with the answer once it was asked for.
pub(super) struct LookUps {
    images: Vec<(String, Option<Result<String, String>>)>,
}

impl LookUps {
    pub(super) fn new<'r>(references: impl Iterator<Item = Reference<'r>>) -> Self {
        let mut images: Vec<(String, _)> = Vec::new();
        for reference in references {
            let image = reference.with_tag().to_string();
            // One more than is looked up says that they are too many.
            if images.len() <= MAX_LOOK_UPS && images.iter().all(|(known, _)| *known != image) {
                images.push((image, None));
            }
        }
        Self { images }
    }

    pub(super) fn are_too_many(&self) -> bool {
        self.images.len() > MAX_LOOK_UPS
    }

    /// The digest of an image, or why there is none.
    pub(super) fn get(&mut self, reference: Reference<'_>, registry: &dyn Registry) -> Result<&str, String> {
        if self.are_too_many() {
            return Err(too_many());
        }
        let image = reference.with_tag().to_string();
        let Some((_, answer)) = self.images.iter_mut().find(|(known, _)| *known == image) else {
            return Err(too_many());
        };
        let ask = || registry.manifest_digest(&image).and_then(|answer| digest(&answer));
        answer.get_or_insert_with(ask).as_deref().map_err(Clone::clone)
    }
}

fn too_many() -> String {
    format!("more than {MAX_LOOK_UPS} images of this object would have to be looked up")
}

/// The digest in an answer. sha384 is not what registries use.
fn digest(answer: &[u8]) -> Result<String, String> {
    let mut node = Node::NULL;
    if read(answer, "answer", &mut node).is_ok()
        && let Node::Object(members) = node
        && let [(key, Node::Text(digest))] = members.as_slice()
        && key == "digest"
        && (digest.starts_with("sha256:") || digest.starts_with("sha512:"))
        && parse_digest(digest, 0).is_ok()
    {
        return Ok(digest.clone().into_owned());
    }
    Err("the registry's answer is no digest".into())
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn only_a_digest_is_an_answer() {
        let sha256 = format!("sha256:{}", "a".repeat(64));
        let sha512 = format!("sha512:{}", "0".repeat(128));
        for good in [&sha256, &sha512] {
            assert_eq!(digest(format!(r#"{{"digest": "{good}"}}"#).as_bytes()).as_ref(), Ok(good));
        }
        let quoted = |text: &str| format!(r#"{{"digest": "{text}"}}"#);
        for bad in [
            quoted(""),
            quoted(&sha256.to_uppercase()),
            quoted(sha256.strip_suffix('a').unwrap_or_default()),
            quoted(&format!("{sha256}a")),
            quoted(&format!(" {sha256}")),
            quoted(&format!("{sha256}\\n")),
            quoted(&format!("sha384:{}", "a".repeat(96))),
            quoted(&format!("md5:{}", "a".repeat(32))),
            quoted(&format!("nginx@{sha256}")),
            quoted(&sha256).replace("digest", "Digest"),
            quoted(&sha256).replace('}', ""),
            format!(r#"{{"digest": "{sha256}", "digest": "{sha256}"}}"#),
            format!(r#"{{"digest": ["{sha256}"]}}"#),
            format!(r#""{sha256}""#),
            "{}".into(),
            "null".into(),
            String::new(),
        ] {
            assert_eq!(digest(bad.as_bytes()), Err("the registry's answer is no digest".into()), "{bad}");
        }
    }
}
