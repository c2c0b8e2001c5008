//! Sets the version, in Cargo.toml and in every file that repeats it. `tests/it/release.rs` and
//! `tests/it/manifests.rs` compare those files with each other.

use std::fs;

use jiff::Timestamp;

use crate::command::{command, output, run};
use crate::{Result, root};

/// A file, by its path from the root of the repository, with its new text.
type Edited = (String, String);

/// Sets the version. Commits and pushes nothing.
pub(crate) fn release(version: &str) -> Result<()> {
    if !is_version(version) {
        return Err("say which version: make release VERSION=1.2.3".into());
    }
    let old = current()?;
    for (file, text) in edits(&old, version, Timestamp::now())? {
        fs::write(root().join(&file), text).map_err(|error| format!("{file}: {error}"))?;
    }
    run(&mut command("cargo", &["update", "--quiet", "--offline", "--workspace"]))?;
    run(&mut command(
        "cargo",
        &["test", "--quiet", "--package", "fresh-images", "--test", "it", "--", "manifests::", "release::"],
    ))?;
    print!("{}", output(&mut command("git", &["--no-pager", "diff", "--stat"]))?);
    println!(
        "\n{old} -> {version}. Read CHANGELOG.md, then:\n\n  git commit --all --message \"{version}\"\n  \
         git tag --annotate \"v{version}\" --message \"{version}\"\n  git push origin main \"v{version}\""
    );
    Ok(())
}

/// Three numbers without leading zeros.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))
}

/// What stands in `[workspace.package]`.
fn current() -> Result<String> {
    let manifest = read("Cargo.toml")?;
    let section = manifest.split_once("[workspace.package]\n").map(|(_, rest)| rest);
    let version = section.and_then(|section| section.split_once("version = \"")?.1.split_once('"'));
    version.map(|(version, _)| version.to_owned()).ok_or_else(|| "Cargo.toml has no version".into())
}

/// Every file that has the version, with the new one.
fn edits(old: &str, new: &str, now: Timestamp) -> Result<Vec<Edited>> {
    let mut edited = Vec::new();
    let mut replace = |file: &str, from: &str, to: &str| -> Result<()> {
        let text = read(file)?;
        if !text.contains(from) {
            return Err(format!("{file}: there is no {from:?}"));
        }
        edited.push((file.to_owned(), text.replace(from, to)));
        Ok(())
    };
    let quoted = |version: &str| format!("version = \"{version}\"");
    replace(
        "Cargo.toml",
        &format!("[workspace.package]\n{}", quoted(old)),
        &format!("[workspace.package]\n{}", quoted(new)),
    )?;
    let of_metadata = |version: &str| format!("  io.kubewarden.policy.version: {version}\n");
    replace("metadata.yml", &of_metadata(old), &of_metadata(new))?;
    let of_npm = |version: &str| format!("  \"version\": \"{version}\",\n");
    replace("crates/playground/npm/package.json", &of_npm(old), &of_npm(new))?;
    replace("crates/cli/tests/cases/version.stdout", old, new)?;
    replace("package.json", &of_npm(old), &of_npm(new))?;
    let of_action = |version: &str| format!("    default: {version}\n");
    replace("action.yml", &of_action(old), &of_action(new))?;
    let of_hooks = |version: &str| format!("[\"fresh-images@{version}\"]");
    replace(".pre-commit-hooks.yaml", &of_hooks(old), &of_hooks(new))?;
    let of_module = |version: &str| format!("fresh-images:v{version}\n");
    for file in manifests()? {
        if read(&file)?.contains(&of_module(old)) {
            replace(&file, &of_module(old), &of_module(new))?;
        }
    }
    for file in ["README.md", "docs/pipelines.md"] {
        edited.push((file.into(), examples(&read(file)?, old, new)));
    }
    edited.push(("fuzz/Cargo.lock".into(), lock(&read("fuzz/Cargo.lock")?, old, new)));
    edited.push(("artifacthub-pkg.yml".into(), package(&read("artifacthub-pkg.yml")?, old, new, now)?));
    edited.push((
        "CHANGELOG.md".into(),
        changelog(&read("CHANGELOG.md")?, &read("Cargo.toml")?, old, new, now)?,
    ));
    Ok(edited)
}

/// The manifests that name the module or the command: those for users, and those of the tests of the command line.
fn manifests() -> Result<Vec<String>> {
    let list = |folder: &str| -> Result<Vec<String>> {
        let entries = fs::read_dir(root().join(folder)).map_err(|error| format!("{folder}: {error}"))?;
        Ok(entries
            .flatten()
            .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
            .collect())
    };
    let mut files = list("policies")?;
    files.retain(|file| file.ends_with(".yml"));
    files.push("deploy/stale/cronjob.yaml".into());
    for folder in list("crates/cli/tests/cases")? {
        let file = format!("{folder}/policy.yaml");
        if root().join(&file).is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Where a document shows how to use this version.
fn examples(text: &str, old: &str, new: &str) -> String {
    ["fresh-images:v", "fresh-images@v", "fresh-images@", "rev: v"]
        .iter()
        .fold(text.to_owned(), |text, before| {
            text.replace(&format!("{before}{old}"), &format!("{before}{new}"))
        })
}

/// The lock file of a workspace of its own, which names packages of this one.
fn lock(text: &str, old: &str, new: &str) -> String {
    let mut is_ours = false;
    let lines = text.lines().map(|line| {
        let changed = if is_ours { line.replace(old, new) } else { line.to_owned() };
        is_ours = line.starts_with("name = \"fresh-images") && line != "name = \"fresh-images-fuzz\"";
        changed + "\n"
    });
    lines.collect()
}

/// The package of Artifact Hub; only what is before the form and the rules.
fn package(text: &str, old: &str, new: &str, now: Timestamp) -> Result<String> {
    let (start, rest) =
        text.split_once("\nannotations:").ok_or("artifacthub-pkg.yml: there are no annotations")?;
    let created = format!("createdAt: {}", now.strftime("%Y-%m-%dT%H:%M:%SZ"));
    let lines: Vec<String> = start
        .lines()
        .map(|line| match line.split_once(": ") {
            Some(("version", _)) => format!("version: {new}"),
            Some(("createdAt", _)) => created.clone(),
            _ => line
                .replace(&format!("fresh-images:v{old}"), &format!("fresh-images:v{new}"))
                .replace(&format!("/download/v{old}/"), &format!("/download/v{new}/")),
        })
        .collect();
    Ok(format!("{}\nannotations:{rest}", lines.join("\n")))
}

/// A section that waits for its date becomes this version; else what has been gathered since the last one.
fn changelog(text: &str, manifest: &str, old: &str, new: &str, now: Timestamp) -> Result<String> {
    let today = now.strftime("%Y-%m-%d");
    let repository = manifest.split_once("\nrepository = \"").and_then(|(_, rest)| rest.split_once('"'));
    let (repository, _) = repository.ok_or("Cargo.toml has no repository")?;
    let link = format!("[{new}]: {repository}/releases/tag/v{new}");
    let waits = format!("## [{old}] - unreleased");
    let line = |line: &str| -> String {
        if text.contains(&waits) {
            match line {
                _ if line == waits => format!("## [{new}] - {today}"),
                _ if line.starts_with(&format!("[{old}]: ")) => link.clone(),
                _ => line.into(),
            }
        } else {
            match line {
                "## [Unreleased]" if new != old => format!("{line}\n\n## [{new}] - {today}"),
                _ if new != old && line.starts_with("[Unreleased]: ") => format!("{line}\n{link}"),
                _ => line.into(),
            }
        }
    };
    Ok(text.lines().map(|it| line(it) + "\n").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers() {
        assert!(["0.1.0", "1.2.3", "10.20.30"].into_iter().all(is_version));
        assert!(
            !["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "v1.2.3", "1..3"].into_iter().any(is_version)
        );
    }

    /// The files of this repository have the version where it is looked for, and nothing else changes.
    #[test]
    fn every_file_gets_the_new_version() {
        let old = current().expect("a version");
        let edited = edits(&old, "90.80.70", Timestamp::UNIX_EPOCH).expect("edits");
        assert!(edited.len() >= 12, "{}", edited.len());
        for (file, text) in edited {
            let before = read(&file).expect("readable");
            assert!(text.contains("90.80.70"), "{file}");
            if file != "CHANGELOG.md" {
                assert_eq!(before.lines().count(), text.lines().count(), "{file}");
                let changed = before.lines().zip(text.lines()).filter(|(before, after)| before != after);
                assert!(
                    changed.into_iter().all(|(_, after)| after.contains("90.80.70")
                        || after.starts_with("createdAt: 1970-01-01T00:00:00Z")),
                    "{file}"
                );
            }
        }
    }

    #[test]
    fn the_changelog_gets_a_section() {
        let manifest = "\nrepository = \"https://example.com/x\"\n";
        let gathered = "## [Unreleased]\n\n- A.\n\n## [1.0.0] - 2020-01-01\n\n[Unreleased]: u\n[1.0.0]: v\n";
        let text = changelog(gathered, manifest, "1.0.0", "1.1.0", Timestamp::UNIX_EPOCH);
        let expected = "## [Unreleased]\n\n## [1.1.0] - 1970-01-01\n\n- A.\n\n## [1.0.0] - 2020-01-01\n\n[Unreleased]: u\n\
                        [1.1.0]: https://example.com/x/releases/tag/v1.1.0\n[1.0.0]: v\n";
        assert_eq!(text.as_deref(), Ok(expected));

        let waiting = "## [Unreleased]\n\n## [1.0.0] - unreleased\n\n[1.0.0]: v\n";
        let text = changelog(waiting, manifest, "1.0.0", "1.0.0", Timestamp::UNIX_EPOCH);
        let expected = "## [Unreleased]\n\n## [1.0.0] - 1970-01-01\n\n[1.0.0]: https://example.com/x/releases/tag/v1.0.0\n";
        assert_eq!(text.as_deref(), Ok(expected));
    }
}
