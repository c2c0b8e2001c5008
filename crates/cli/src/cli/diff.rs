//! `--diff`: what `--fix` would change, as a patch that `git apply` takes.
//!
//! ```diff
//! --- a/deploy/web.yaml
//! +++ b/deploy/web.yaml
//! @@ -10,3 +10,4 @@
//!        - name: web
//!          image: nginx:1.25
//! +        imagePullPolicy: Always
//! ```

use std::path::{Component, Path};

use similar::TextDiff;

/// The change of one file; empty if there is none. Names are relative to the working directory, as `git apply` takes them.
pub(super) fn patch(file: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    // A line ends with a line feed and nothing else, as git has it.
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    let name = name(Path::new(file));
    diff.unified_diff().header(&quoted(&format!("a/{name}")), &quoted(&format!("b/{name}"))).to_string()
}

/// Without `./`, and without the working directory.
fn name(file: &Path) -> String {
    let here = std::env::current_dir().ok();
    let file = here.and_then(|here| file.strip_prefix(here).ok()).unwrap_or(file);
    let parts = file.components().filter(|part| !matches!(part, Component::CurDir | Component::RootDir));
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// As git writes names with characters that would end them.
fn quoted(name: &str) -> String {
    if !name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        return name.into();
    }
    let mut quoted = String::from('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_not_in_a_patch() {
        assert_eq!(patch("a.yaml", "a\n", "a\n"), "");
        assert_eq!(
            patch("./x\"y/a.yaml", "a\rb\nc", "a\rb\nd\nc"),
            "--- \"a/x\\\"y/a.yaml\"\n+++ \"b/x\\\"y/a.yaml\"\n@@ -1,2 +1,3 @@\n a\rb\n+d\n c\n\\ No newline at end of file\n"
        );
    }
}
