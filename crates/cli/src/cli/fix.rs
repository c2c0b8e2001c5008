//! What `--fix` does with the texts that were judged.

use fresh_images_manifests::document::Source;
use fresh_images_manifests::report::Unreadable;

use super::files::Input;
use super::write;

/// Puts the fixed text into the file that it is from.
pub(super) fn write(input: &Input, source: &Source, text: &str) -> Result<(), Unreadable> {
    match input {
        Input::File(path) | Input::Found(path) if text != source.text() => {
            write::replace(path, source.text(), text)
                .map_err(|problem| Unreadable::file(source.name(), problem))
        }
        _ => Ok(()),
    }
}

/// One YAML text of several. A single text stays as it is.
pub(super) fn join(texts: &[String]) -> String {
    let mut joined = String::new();
    for text in texts {
        let text = if joined.is_empty() { text } else { text.trim_start_matches('\u{feff}') };
        if !joined.is_empty() {
            if !joined.ends_with('\n') {
                joined.push('\n');
            }
            if text.starts_with('%') {
                // Directives stand behind the end of a document.
                joined.push_str("...\n");
            } else if !text.starts_with("---") {
                joined.push_str("---\n");
            }
        }
        joined.push_str(text);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_as_documents() {
        for (texts, joined) in [
            (&[][..], ""),
            (&["\u{feff}a: 1"], "\u{feff}a: 1"),
            (&["a: 1", "b: 2\n"], "a: 1\n---\nb: 2\n"),
            (&["a: 1\n", "---\nb: 2\n"], "a: 1\n---\nb: 2\n"),
            (&["a: 1\n", "\u{feff}%YAML 1.2\n---\nb: 2\n"], "a: 1\n...\n%YAML 1.2\n---\nb: 2\n"),
            (&["{\"a\": 1}", "{\"b\": 2}"], "{\"a\": 1}\n---\n{\"b\": 2}"),
        ] {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_string()).collect();
            assert_eq!(join(&texts), joined);
        }
    }
}
