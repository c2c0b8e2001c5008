//! Paths as findings write them: `spec.containers[0].image`, and `metadata.annotations["example.com/a"]` where a
//! key is no identifier.

use super::json;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To an item of a list.
    Index(usize),
    /// To a member of an object.
    Key(String),
}

/// The steps of a path, up to the first that cannot be read.
pub(super) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while let Some((step, after)) = next(rest) {
        steps.push(step);
        rest = after;
    }
    steps
}

fn next(path: &str) -> Option<(Step, &str)> {
    let Some(inside) = path.strip_prefix('[') else {
        let path = path.strip_prefix('.').unwrap_or(path);
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (key, after) = path.split_at_checked(end)?;
        return (!key.is_empty()).then(|| (Step::Key(key.into()), after));
    };
    if inside.starts_with('"') {
        let (key, length) = json::leading_string(inside)?;
        let after = inside.get(length..)?.strip_prefix(']')?;
        return Some((Step::Key(key), after));
    }
    let (index, after) = inside.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Step {
        Step::Key(key.into())
    }

    #[track_caller]
    fn check(path: &str, expected: &[Step]) {
        assert_eq!(steps(path), expected, "{path}");
    }

    #[test]
    fn paths_are_read_step_by_step() {
        check("", &[]);
        check("spec", &[key("spec")]);
        check("spec.containers[12].image", &[key("spec"), key("containers"), Step::Index(12), key("image")]);
        check("[0][1]", &[Step::Index(0), Step::Index(1)]);
        check(r#"a["b.c/d"].e"#, &[key("a"), key("b.c/d"), key("e")]);
        check(r#"["a\"]b"][0]"#, &[key("a\"]b"), Step::Index(0)]);
    }

    #[test]
    fn reading_ends_at_the_first_step_that_is_none() {
        for broken in ["a.", "a..b", "a[", "a[x]", "a[-1]", "a[99999999999999999999]", r#"a["b"#, r#"a["b"x"#]
        {
            check(broken, &[key("a")]);
        }
    }
}
