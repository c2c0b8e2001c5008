//! What each kind of finding means, for tools that show it beside the finding.
//!
//! `docs/findings.md` and a part of `docs/running.md` are made of the same tables: `BLESS=1 cargo test -p
//! fresh-images-cli rules` writes them.

use fresh_images::verdict::Code;
use fresh_images_stale::Code as Running;

use super::issue::{REJECTED, UNREADABLE, WARNING};

const CHECK: &str = "findings.md";
const STALE: &str = "running.md";

/// A kind of finding.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Rule {
    pub(in crate::cli) id: &'static str,
    /// What is wrong, in one line.
    pub(in crate::cli) summary: &'static str,
    /// Why that matters, and what to do.
    pub(in crate::cli) help: &'static str,
    /// The document in `docs/` that has it.
    page: &'static str,
}

impl Rule {
    /// Where the help is on the web.
    pub(in crate::cli) fn link(self) -> String {
        format!("{}/blob/main/docs/{}#{}", env!("CARGO_PKG_REPOSITORY"), self.page, self.id)
    }
}

/// Every rule of `check`: first the codes of the policy in their order, then what only the command line knows.
pub(super) fn of_check() -> Vec<Rule> {
    let codes = Code::ALL.into_iter().map(|code| {
        let (summary, help) = of_code(code);
        Rule { id: code.as_str(), summary, help, page: CHECK }
    });
    codes.chain(OWN).collect()
}

/// Every rule of `stale`, in the order of its codes.
pub(in crate::cli) fn of_stale() -> Vec<Rule> {
    let rule = |code: Running| {
        let (summary, help) = of_running(code);
        Rule { id: code.as_str(), summary, help, page: STALE }
    };
    Running::ALL.into_iter().map(rule).collect()
}

/// Of the command line.
const OWN: [Rule; 3] = [
    Rule {
        id: REJECTED,
        summary: "The policy rejects the object",
        help: "A module that --module or --policy names rejects the object, and gives no code. Read its message.",
        page: CHECK,
    },
    Rule {
        id: WARNING,
        summary: "The policy accepts the object with a warning",
        help: "The policy accepts the object. The message says what the user should know nevertheless.",
        page: CHECK,
    },
    Rule {
        id: UNREADABLE,
        summary: "The file or document cannot be judged",
        help: "The message says why. Everything else was still judged.",
        page: CHECK,
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
            "The kubelet cannot pull it. The message says where the reference is wrong. Write it as \
             `[registry/]repository[:tag][@digest]`.",
        ),
        Code::InvalidSettings => (
            "The settings of the policy are invalid",
            "Nothing is accepted until whoever manages the policy corrects them. The message says what is wrong.",
        ),
        Code::MalformedObject => (
            "A part of the object has the wrong type or is missing",
            "Kubernetes would refuse the object, or read it differently. Correct the value that the message names.",
        ),
        Code::MalformedRequest => (
            "The admission request cannot be read",
            "A part of the request is missing or has the wrong type. Correct the value that the message names.",
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
             `fresh-images check --fix` does either, with `mutate` in the settings.",
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

fn of_running(code: Running) -> (&'static str, &'static str) {
    match code {
        Running::StaleContent => (
            "The container runs other content than its tag names now",
            "The contents were compared for the platform of the node. The report says whether a restart would help.",
        ),
        Running::StaleDigest => (
            "The tag names another digest, and the registry no longer has the one that runs",
            "The contents could not be compared, because the old one is gone. Restart the workload with \
             `imagePullPolicy: Always`, or pin the image.",
        ),
        Running::StaleOnNode => (
            "The node's tag names another image than the one that runs",
            "The node pulled the tag again after the container was started. A restart starts the other image.",
        ),
        Running::SplitContent => (
            "The Pods of a workload run different contents under one tag",
            "Which program answers depends on the node. Set `imagePullPolicy: Always` and restart, or pin the image.",
        ),
        Running::TagMoved => (
            "The image is pinned, and its tag names another digest now",
            "What runs is what the spec says. Update the digest to get the new content.",
        ),
        Running::Pinned => ("The image is pinned", "The spec has a digest, so nothing else can run."),
        Running::SameDigest => ("The container runs what its tag names", "The digests are the same."),
        Running::SameContent => (
            "The container runs the content that its tag names",
            "The digests differ, but the configs for the platform of the node are the same.",
        ),
        Running::TagGone => (
            "The registry has no such tag any more",
            "A node without the image cannot start this container. Push the tag again, or use another one.",
        ),
        Running::DigestUnresolved => (
            "The registry did not say what the tag names",
            "The report has its reason. If it asks for credentials, run `docker login`.",
        ),
        Running::NoPlatform => (
            "The tag has no image for the platform of the node",
            "A restart on this node would fail. Build the image for its platform as well.",
        ),
        Running::PlatformUnknown => (
            "The platform of the node is unknown, and the content changed for some platforms only",
            "Add the nodes to the input: `kubectl get pods,nodes -A -o json`.",
        ),
        Running::InvalidReference => {
            ("The image is not a valid image reference", "There is nothing to compare.")
        }
        Running::NotRunning => ("The container does not run", "There is nothing to compare."),
        Running::Imported => {
            ("The image came from a file", "No registry knows it, so there is nothing to compare.")
        }
        Running::ImageVolume => (
            "The status does not say which digest the image volume has",
            "It does with the feature gate ImageVolumeWithDigest.",
        ),
        Running::ImageIdUnknown => (
            "The container runtime names what runs in an unknown form",
            "There is nothing to compare. Please report the `imageID`.",
        ),
        Running::UntaggedOnNode => (
            "The node's tag no longer names what runs",
            "The node does not say what the tag names. Add the nodes to the input, or let registries be asked.",
        ),
        Running::Offline => ("Registries are not asked", "Run it without `--offline`."),
        Running::RegistryNotListed => {
            ("The registry may not be asked", "Add it to `--registries` if it may be.")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_rule_has_a_text() {
        for rule in of_check().into_iter().chain(of_stale()) {
            assert!(!rule.summary.is_empty() && !rule.help.is_empty(), "{}", rule.id);
        }
    }

    /// Holds a document against its rules, which begin after this heading and end with the next of its level.
    fn has_rules(page: &str, heading: &str, level: &str, rules: &[Rule]) {
        let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).expect("readable");
        let (before, rest) = text.split_once(heading).expect("the heading");
        let after = rest.split_once("\n# ").or_else(|| rest.split_once("\n## ").filter(|_| level == "###"));
        let after = after.map(|(_, after)| format!("\n## {after}")).unwrap_or_default();
        let mut expected = format!("{before}{heading}");
        for rule in rules {
            expected += &format!("\n{level} {}\n\n{}. {}\n", rule.id, rule.summary, rule.help);
        }
        expected += &after;
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &expected).expect("the document can be written");
        }
        assert_eq!(fs::read_to_string(path).expect("readable"), expected, "run this test with BLESS=1");
    }

    #[test]
    fn the_documents_have_the_rules() {
        has_rules("findings.md", "The codes never change their meaning.\n", "##", &of_check());
        has_rules("running.md", "## Codes\n\nThe codes never change their meaning.\n", "###", &of_stale());
    }
}
