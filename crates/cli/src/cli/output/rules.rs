//! What each kind of finding means, for tools that show it beside the finding.
//!
//! `docs/findings.md` is made of the same table: `BLESS=1 cargo test -p fresh-images-cli rules` writes it.

use fresh_images::verdict::Code;

use super::issue::{REJECTED, UNREADABLE, WARNING};

/// A kind of finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    /// What is wrong, in one line.
    pub(super) summary: &'static str,
    /// Why that matters, and what to do.
    pub(super) help: &'static str,
}

impl Rule {
    /// Where the help is on the web.
    pub(super) fn link(self) -> String {
        format!("{}/blob/main/docs/findings.md#{}", env!("CARGO_PKG_REPOSITORY"), self.id)
    }
}

/// Every rule: first the codes of the policy in their order, then what only the command line knows.
pub(super) fn all() -> Vec<Rule> {
    let codes = Code::ALL.into_iter().map(|code| {
        let (summary, help) = of_code(code);
        Rule { id: code.as_str(), summary, help }
    });
    codes.chain(OWN).collect()
}

/// Of the command line.
const OWN: [Rule; 3] = [
    Rule {
        id: REJECTED,
        summary: "The policy rejects the object",
        help: "The module of --module or --policy rejects the object, and says no more than the message.",
    },
    Rule {
        id: WARNING,
        summary: "The policy accepts the object with a warning",
        help: "The policy accepts the object. The message says what the user should know nevertheless.",
    },
    Rule {
        id: UNREADABLE,
        summary: "The file or document cannot be judged",
        help: "The message says why. Everything else was still judged.",
    },
];

fn of_code(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::AlwaysRequired => (
            "The pull policy is not Always",
            "The settings require `imagePullPolicy: Always` for this image. Set it.",
        ),
        Code::DigestRequired => (
            "The image has no digest",
            "The settings require a digest for this image. Pin it as `repository@sha256:…`. `fresh-images check --fix` \
             does that with `mutate: {to: pinDigest}`.",
        ),
        Code::DigestUnresolved => (
            "No digest was found for the image",
            "The settings pin images by digest, but the registry did not give the digest of this tag. The message says \
             why. Check that the image exists and that its registry is listed in `mutate.registries`.",
        ),
        Code::DuplicateKey => {
            ("A key appears twice", "It is unclear which of the two values counts. Remove one of them.")
        }
        Code::ImageNotAllowed => (
            "The image is not on the list of allowed images",
            "The settings allow only certain images (`images.allow`). Use one of those, or have this one added.",
        ),
        Code::ImageRejected => (
            "The image is on the list of rejected images",
            "The settings reject this image (`images.reject`). Use another one.",
        ),
        Code::InvalidReference => (
            "The image is not a valid image reference",
            "The kubelet cannot pull it. The message says where the reference is wrong.",
        ),
        Code::InvalidSettings => (
            "The settings of the policy are invalid",
            "Nothing can be judged with them. The message says what is wrong.",
        ),
        Code::MalformedObject => (
            "A part of the object has the wrong type or is missing",
            "Kubernetes would refuse the object, or not mean what its author means. The message names the place.",
        ),
        Code::MalformedRequest => (
            "The admission request cannot be read",
            "A part of the request is missing or has the wrong type. The message names the place.",
        ),
        Code::MissingImage => (
            "A container has no image",
            "Each container, and each image volume of a Pod, needs an image. Add it.",
        ),
        Code::MutableImage => (
            "The image can go stale",
            "The image has neither a digest nor `Always` as its effective pull policy. A node that holds its tag never \
             asks the registry again. When somebody pushes new content under the same tag, that node keeps running the \
             old content. Set `imagePullPolicy: Always`, or pin the image as `repository@sha256:…`. \
             `fresh-images check --fix` does either.",
        ),
        Code::NoContainers => ("A Pod has no containers", "Kubernetes refuses such a Pod. Add a container."),
        Code::RegistryNotAllowed => (
            "The image is from a registry that is not allowed",
            "The settings allow only certain registries (`registries.allow`). Use a copy of the image in one of those.",
        ),
        Code::RegistryRejected => (
            "The image is from a rejected registry",
            "The settings reject this registry (`registries.reject`). Use a copy of the image in another one.",
        ),
        Code::TagRejected => (
            "The tag of the image is rejected",
            "The settings reject this tag (`tags.reject`). An image without tag and digest has the tag `latest`. Use \
             another tag, or a digest.",
        ),
        // New codes have an entry here before they are released: a test looks at the text.
        _ => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_rule_has_a_text() {
        for rule in all() {
            assert!(!rule.summary.is_empty() && !rule.help.is_empty(), "{}", rule.id);
        }
    }

    #[test]
    fn the_document_has_the_rules() {
        let mut expected = String::from(
            "# Findings\n\nWhat each code of a finding means, and what to do. The codes never change their meaning.\n",
        );
        for rule in all() {
            expected += &format!("\n## {}\n\n{}. {}\n", rule.id, rule.summary, rule.help);
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
        if std::env::var_os("BLESS").is_some() {
            fs::write(path, &expected).expect("the document can be written");
        }
        assert_eq!(fs::read_to_string(path).expect("readable"), expected, "run this test with BLESS=1");
    }
}
