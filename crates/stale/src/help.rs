//! What would make a container fresh.

use std::fmt;

use serde::Serialize;

/// What would help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "help")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Help {
    /// A restart starts the old content again, because these nodes hold it under the tag.
    RestartKeepsOld {
        /// The nodes.
        nodes: Vec<String>,
        /// The pull policy.
        policy: String,
    },
    /// A restart may start the old content again, because the pull policy is not `Always`.
    RestartMayKeepOld {
        /// The pull policy.
        policy: String,
    },
    /// A restart starts what the tag names on these nodes now.
    RestartTakesNodeTag {
        /// The nodes.
        nodes: Vec<String>,
    },
    /// A restart pulls what the tag names now.
    Restart,
    /// Set the pull policy `Always` and restart, or pin the image.
    AlwaysOrPin {
        /// With the digest that the tag has now.
        pinned: String,
    },
    /// Pin the image.
    Pin {
        /// With the digest that the tag has now.
        pinned: String,
    },
    /// It was started under `Always` after the content of the tag was built: if the tag was pushed before, a mirror or a
    /// cache of these nodes answers for the registry.
    Mirror {
        /// The nodes.
        nodes: Vec<String>,
    },
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hold = |nodes: &[String]| match nodes {
            [one] => format!("{one} holds"),
            [one, other] => format!("{one} and {other} hold"),
            [one, rest @ ..] => format!("{one} and {} more nodes hold", rest.len()),
            [] => "the node holds".into(),
        };
        match self {
            Self::RestartKeepsOld { nodes, policy } => write!(
                f,
                "A restart starts the old content again, because {} it under this tag and the pull policy is {policy}.",
                hold(nodes)
            ),
            Self::RestartMayKeepOld { policy } => write!(
                f,
                "A restart starts the old content again on each node that holds this tag, because the pull policy is {policy}."
            ),
            Self::RestartTakesNodeTag { nodes } => {
                write!(
                    f,
                    "A restart starts other content, because {} another image under this tag.",
                    hold(nodes)
                )
            }
            Self::Restart => f.write_str("A restart pulls what the tag names now."),
            Self::AlwaysOrPin { pinned } => {
                write!(f, "Set imagePullPolicy: Always and restart, or pin {pinned}")
            }
            Self::Pin { pinned } => write!(f, "Pin {pinned}"),
            Self::Mirror { nodes } => write!(
                f,
                "It was started under Always after the new content was built. If the tag was pushed by then, a mirror or cache \
                 of {} answers for the registry.",
                nodes.join(", ")
            ),
        }
    }
}
