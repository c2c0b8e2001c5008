//! Placeholders: what looks like an image that some tool has still to write.
//!
//! ```
//! use fresh_images::reference::Placeholder;
//!
//! assert_eq!(Placeholder::find("ghcr.io/org/app:{{ .Values.tag }}"), Some(Placeholder::Template));
//! assert_eq!(Placeholder::find("nginx:1.25"), None);
//! ```

use std::fmt;

use crate::text::after;

/// A kind of placeholder. Its [`Display`](fmt::Display) says how to get rid of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placeholder {
    /// `<registry>/app`: for a person to fill in.
    Blank,
    /// `ko://github.com/org/app`: a Go program that ko builds.
    Ko,
    /// `$(params.image)`: of Tekton, or a variable of the container.
    Parameter,
    /// `{{ .Values.image }}`: of Helm and other templates.
    Template,
    /// `${IMAGE}`: of a shell, envsubst or an OpenShift Template.
    Variable,
}

impl Placeholder {
    /// The placeholder in the text of an image. Ask only where it is no reference.
    pub fn find(text: &str) -> Option<Self> {
        let has =
            |opening: &str, closing: char| after(text, opening).is_some_and(|rest| rest.contains(closing));
        if text.starts_with("ko://") {
            Some(Self::Ko)
        } else if has("{{", '}') {
            Some(Self::Template)
        } else if has("${", '}') {
            Some(Self::Variable)
        } else if has("$(", ')') {
            Some(Self::Parameter)
        } else if has("<", '>') {
            Some(Self::Blank)
        } else {
            None
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "replace <...> with a value",
            Self::Ko => "resolve it with ko",
            Self::Parameter => "replace $(...) with its value",
            Self::Template => "render the template, for example with helm template",
            Self::Variable => "replace ${...} with its value, for example with envsubst",
        })
    }
}
