//! The `matchConditions` of the policies that the project ships, in their own words.
//!
//! ```
//! use fresh_images_manifests::conditions;
//!
//! assert!(conditions::is_ours("request.operation != 'UPDATE' ||\n  object.?spec != oldObject.?spec ||
//!   object.?template != oldObject.?template"));
//! assert!(!conditions::is_ours("request.userInfo.username != 'admin'"));
//! ```
//!
//! An API server evaluates them before it asks a policy. Whoever judges manifests without a cluster creates objects, so
//! [`CHANGES`] holds; [`NO_CONTROLLER`] holds for what people write.

/// Holds unless an UPDATE changes neither `spec` nor `template`, which changes no image.
pub const CHANGES: &str = "request.operation != 'UPDATE' || object.?spec != oldObject.?spec \
                           || object.?template != oldObject.?template";

/// Holds for an object that no controller owns.
pub const NO_CONTROLLER: &str =
    "!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))";

/// Whether the expression is one of these, however its spaces and lines are.
pub fn is_ours(expression: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    [CHANGES, NO_CONTROLLER].iter().any(|ours| words(ours) == words(expression))
}

#[cfg(test)]
mod tests {
    use fresh_images_testing::files::read;

    use super::is_ours;

    #[test]
    fn the_policies_have_no_others() {
        let mut seen = 0_usize;
        for file in
            ["fresh-images", "fresh-images-gentle", "fresh-images-namespace", "fresh-images-pin-digest"]
        {
            let text = read(&format!("policies/{file}.yml"));
            for expression in text.split("expression: >-\n").skip(1) {
                let lines = expression.lines().take_while(|line| line.starts_with("        "));
                let expression = lines.collect::<Vec<_>>().join("\n");
                assert!(is_ours(&expression), "{file}: {expression}");
                seen = seen.saturating_add(1);
            }
        }
        assert_eq!(seen, 6);
    }
}
