//! Patterns of the settings: what each matches, what it does not, and what is refused as a pattern.

#![expect(clippy::panic, reason = "a test whose pattern is refused fails")]

use fresh_images::pattern::{HostCase, ImagePattern, NamePattern, PatternError, RegistryPattern, TagPattern};
use fresh_images::reference::Reference;

const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a pattern of any kind is for: deciding on an image.
type Matches = fn(&str, &Reference<'_>, HostCase) -> Result<bool, PatternError>;

fn registry(pattern: &str, image: &Reference<'_>, case: HostCase) -> Result<bool, PatternError> {
    Ok(RegistryPattern::parse(pattern)?.matches(image, case))
}

fn image(pattern: &str, image: &Reference<'_>, case: HostCase) -> Result<bool, PatternError> {
    Ok(ImagePattern::parse(pattern)?.matches(image, case))
}

#[track_caller]
fn check(kind: Matches, case: HostCase, pattern: &str, text: &str, expected: bool) {
    let matches = Reference::parse(text).map(|image| kind(pattern, &image, case));
    assert_eq!(matches, Ok(Ok(expected)), "pattern {pattern:?}, image {text:?}");
}

#[track_caller]
fn matches(kind: Matches, pattern: &str, images: &[&str]) {
    for image in images {
        check(kind, HostCase::Exact, pattern, image, true);
        check(kind, HostCase::Ignore, pattern, image, true);
    }
}

#[track_caller]
fn differs(kind: Matches, pattern: &str, images: &[&str]) {
    for image in images {
        check(kind, HostCase::Exact, pattern, image, false);
        check(kind, HostCase::Ignore, pattern, image, false);
    }
}

/// Matches only on a list that rejects: all that reaches the same server does.
#[track_caller]
fn matches_if_rejecting(kind: Matches, pattern: &str, images: &[&str]) {
    for image in images {
        check(kind, HostCase::Exact, pattern, image, false);
        check(kind, HostCase::Ignore, pattern, image, true);
    }
}

#[track_caller]
fn refuses<P: std::fmt::Debug>(parse: fn(&str) -> Result<P, PatternError>, pattern: &str, message: &str) {
    let error = parse(pattern).map_err(|error| error.to_string());
    assert!(matches!(&error, Err(actual) if actual == message), "{pattern:?}: {error:?}, not {message:?}");
}

#[track_caller]
fn canonical<P: std::fmt::Display>(parse: fn(&str) -> Result<P, PatternError>, pattern: &str, text: &str) {
    let actual = parse(pattern).map(|pattern| pattern.to_string());
    assert_eq!(actual.as_deref(), Ok(text), "{pattern:?}");
}

const BLANK: &str = "is blank";
const EVERY_REGISTRY: &str = "matches every registry; remove the list instead";
const UPPER_CASE: &str = "can never match: a host in upper case matches nothing";
const STAR_IN_HOST: &str = "may have `*` in its host only as a whole label before the last";
const NETWORK: &str = "is a network, not a registry: name each registry with its host and port";
const DOUBLE_STAR: &str = "may have `**` only as its last component";
const TAG_OR_DIGEST: &str = "has a tag or digest, but names a registry; use `images` instead";
const AMBIGUOUS: &str = "is ambiguous: write `docker.io/*/…` for Docker Hub, or `**` for every image";
const LOOKS_LIKE_REGISTRY: &str =
    "is ambiguous: write `…/**` for all images of a registry, or `docker.io/library/…` for one on Docker Hub";
const STAR_IN_DIGEST: &str = "can never match: a digest must be complete, without `*`";
const IMAGE_ID: &str =
    "can never match: it is an image id, which names content on a node; a digest follows a name and `@`";
const NOT_A_LABEL: &str =
    "can never match: a name has at most 63 lower-case letters, digits and `-`, and no `-` at its ends";

#[test]
fn a_registry_is_matched_by_whole_components() {
    matches(
        registry,
        "ghcr.io",
        &["ghcr.io/app", "ghcr.io/org/app:1", "ghcr.io/a/b/c:1", "ghcr.io/app:latest"],
    );
    differs(
        registry,
        "ghcr.io",
        &["ghcr.io.evil.com/org/app:1", "evil-ghcr.io/app:1", "xghcr.io/app:1", "ghcr.i/app"],
    );
    // Another port is another service.
    differs(registry, "ghcr.io", &["ghcr.io:5000/org/app:1", "ghcr.io:4430/org/app:1"]);
    // But the port of HTTPS is the same server, which a list that rejects must not miss.
    matches_if_rejecting(registry, "ghcr.io", &["ghcr.io:443/org/app:1", "ghcr.io:0443/org/app:1"]);
    matches_if_rejecting(registry, "ghcr.io:443", &["ghcr.io/org/app:1"]);
    matches(registry, "ghcr.io:443", &["ghcr.io:443/org/app:1"]);
    differs(registry, "ghcr.io:443", &["ghcr.io:4433/app", "ghcr.io:44/app"]);
    // The host of another registry in the path.
    differs(
        registry,
        "ghcr.io",
        &["evil.com/ghcr.io/org/app:1", "docker.io/ghcr.io/app", "ghcr.io:1.2", "ghcr.io"],
    );
    matches(registry, "ghcr.io/org", &["ghcr.io/org", "ghcr.io/org:1", "ghcr.io/org/app", "ghcr.io/org/a/b"]);
    differs(
        registry,
        "ghcr.io/org",
        &["ghcr.io/org-evil/app:1", "ghcr.io/orgs/app", "ghcr.io/or/g", "ghcr.io/a/org"],
    );
    matches(registry, "ghcr.io/org/app", &["ghcr.io/org/app:1", "ghcr.io/org/app/debug"]);
    check(registry, HostCase::Exact, "ghcr.io/org/app", &format!("ghcr.io/org/app@{SHA256}"), true);
    differs(registry, "ghcr.io/org/app", &["ghcr.io/org/app2:1", "ghcr.io/org", "ghcr.io/app"]);
    let team_a = "registry.example.com:5000/team-a";
    matches(registry, team_a, &["registry.example.com:5000/team-a/app:1"]);
    differs(
        registry,
        team_a,
        &["registry.example.com:5000/team-abc/app:1", "registry.example.com/team-a/app:1"],
    );
}

#[test]
fn a_registry_on_docker_hub_has_many_names() {
    for hub in ["docker.io", "index.docker.io", "docker.io/", "docker.io/**"] {
        matches(
            registry,
            hub,
            &["nginx", "docker.io/nginx:1", "index.docker.io/library/nginx", "bitnami/redis:7"],
        );
        differs(
            registry,
            hub,
            &["registry-1.docker.io/library/nginx", "localhost/app:1", "docker.io.evil.com/nginx"],
        );
        differs(registry, hub, &["[2001:db8::1]:5000/evil:1", "docker.io:5000/library/nginx"]);
        matches_if_rejecting(
            registry,
            hub,
            &["docker.io:443/library/nginx", "INDEX.docker.io/library/nginx"],
        );
    }
    matches(registry, "docker.io/library", &["nginx:1", "library/nginx", "index.docker.io/nginx"]);
    differs(registry, "docker.io/library", &["bitnami/nginx", "ghcr.io/library/nginx"]);
    differs(registry, "docker.io/library/busybox", &["evil.io/library/busybox:1"]);
    matches(registry, "docker.io/bitnami", &["bitnami/redis:7", "docker.io/bitnami/redis"]);
    differs(registry, "docker.io/nginx", &["nginx:1", "library/nginx"]);
}

#[test]
fn a_name_below_docker_hub_is_not_one_in_its_library() {
    matches(registry, "docker.io/bitnami/**", &["bitnami/redis:7"]);
    differs(registry, "docker.io/bitnami/**", &["library/bitnami/redis", "bitnami"]);
}

#[test]
fn a_registry_may_be_an_address_or_local() {
    matches(registry, "localhost", &["localhost/app:1"]);
    matches(registry, "localhost:5000", &["localhost:5000/app:1"]);
    differs(registry, "localhost:5000", &["localhost/app:1", "localhost:50000/app:1", "localhost:5000"]);
    matches(registry, "[::1]:5000", &["[::1]:5000/app:1"]);
    // Compared as text.
    differs(registry, "[::1]:5000", &["[0:0:0:0:0:0:0:1]:5000/app:1", "[::1]/app:1"]);
    matches(registry, "10.0.0.1", &["10.0.0.1/app"]);
    differs(registry, "10.0.0.1", &["10.0.0.11/app", "110.0.0.1/app", "10.0.0.1:80/app"]);
}

#[test]
fn a_star_leads_the_host_of_a_registry() {
    let corp = "*.corp.example";
    matches(registry, corp, &["eu.corp.example/app", "a.b.corp.example/app", "x-y.corp.example/a/b:1"]);
    differs(registry, corp, &["corp.example/app", "evilcorp.example/app", "a.corp.example.evil.org/x:1"]);
    differs(
        registry,
        corp,
        &["a.corp.example:5000/app", "evil.com/a.corp.example/app", "a.corp.examples/app"],
    );
    differs(registry, "*.example.com", &["aexample.com/x:1", "a.exampleXcom/x:1"]);
    matches(registry, "*.corp.example:5000", &["a.corp.example:5000/app"]);
    differs(registry, "*.corp.example:5000", &["a.corp.example/app", "a.corp.example:500/app"]);
    matches(registry, "*.corp.example/team-*", &["a.corp.example/team-a/app", "b.corp.example/team-b"]);
    differs(registry, "*.corp.example/team-*", &["a.corp.example/app/team-a"]);
    matches(registry, "ghcr.io/*/app", &["ghcr.io/org/app", "ghcr.io/org/app/debug"]);
    differs(registry, "ghcr.io/*/app", &["ghcr.io/app", "ghcr.io/a/b/app"]);
}

#[test]
fn a_star_within_a_host_is_one_label() {
    let ecr = "210987654321.dkr.ecr.*.amazonaws.com";
    matches(
        registry,
        ecr,
        &["210987654321.dkr.ecr.ap-south-2.amazonaws.com/app", "210987654321.dkr.ecr.x.amazonaws.com/a/b:1"],
    );
    differs(
        registry,
        ecr,
        &[
            "210987654321.dkr.ecr.amazonaws.com/app",
            "210987654321.dkr.ecr.a.b.amazonaws.com/app",
            "x.210987654321.dkr.ecr.a.amazonaws.com/app",
            "210987654321.dkr.ecr.a.amazonaws.com.evil.org/app",
            "210987654321.dkr.ecr.a.amazonaws.com:5000/app",
            "1210987654321.dkr.ecr.a.amazonaws.com/app",
        ],
    );
    matches_if_rejecting(registry, ecr, &["210987654321.dkr.ecr.US-EAST-1.amazonaws.com:443/app"]);
    matches(image, "a.*.*.example:5000/org/*", &["a.b.c.example:5000/org/app"]);
    differs(image, "a.*.*.example:5000/org/*", &["a.b.example:5000/org/app", "a.b.c.example/org/app"]);
    // With a leading one: one label or more, and then exactly one.
    matches(registry, "*.ecr.*.example", &["a.ecr.b.example/app", "a.b.ecr.c.example/app"]);
    differs(registry, "*.ecr.*.example", &["ecr.b.example/app", "a.ecr.b.c.example/app"]);
}

#[test]
fn a_registry_starts_with_a_host() {
    for (pattern, path) in [
        ("bitnami", "bitnami"),
        ("grafana/", "grafana"),
        ("bitnami/**", "bitnami"),
        ("library/nginx", "library/nginx"),
        ("*/redis", "*/redis"),
    ] {
        let message =
            format!("names no host, with which a registry starts: write `docker.io/{path}` for Docker Hub");
        refuses(RegistryPattern::parse, pattern, &message);
        matches(
            registry,
            &format!("docker.io/{path}"),
            &[&path.replace('*', "x").replace("bitnami", "bitnami/redis").replace("grafana", "grafana/loki")],
        );
    }
    // A repository may be named like a number.
    matches(registry, "10.0.0.5/2024", &["10.0.0.5/2024/app"]);
    matches(registry, "10.0.0.5:5000/8", &["10.0.0.5:5000/8/app"]);
    // A host of hexadecimal digits with a port is no address.
    matches(registry, "cafe:5000/8", &["cafe:5000/8/app"]);
    refuses(ImagePattern::parse, "10.0.0.0/8", NETWORK);
}

#[test]
fn no_spelling_of_a_host_can_pass_a_list_that_rejects() {
    matches_if_rejecting(
        registry,
        "ghcr.io",
        &["ghcr.io:443/org/app:1", "ghcr.io:0443/app", "GHCR.io:443/app"],
    );
    matches_if_rejecting(registry, "ghcr.io:443", &["ghcr.io/org/app:1", "ghcr.io:00443/app"]);
    matches_if_rejecting(registry, "ghcr.io:5000", &["ghcr.io:05000/app", "GHCR.IO:5000/app"]);
    matches_if_rejecting(registry, "*.corp.example", &["a.corp.example:443/app"]);
    matches_if_rejecting(
        registry,
        "docker.io",
        &["docker.io:443/library/nginx", "INDEX.docker.io/library/nginx"],
    );
    matches_if_rejecting(registry, "[::1]", &["[::1]:443/app"]);
    // An address has no port where it has a last group.
    differs(registry, "[::1]", &["[::01]/app", "[::01]:443/app"]);
    differs(registry, "ghcr.io:5000", &["ghcr.io:50000/app", "ghcr.io/app", "ghcr.io:443/app"]);
    differs(registry, "ghcr.io:443", &["ghcr.io:4430/app"]);
    matches_if_rejecting(registry, "ghcr.io", &["GHCR.IO/org/app:1", "Ghcr.io/app"]);
    matches_if_rejecting(registry, "*.corp.example", &["A.corp.example/app", "a.CORP.example/app"]);
    matches_if_rejecting(registry, "docker.io", &["DOCKER.IO/library/nginx"]);
    matches_if_rejecting(image, "ghcr.io/org/app", &["GHCR.io/org/app:1"]);
    matches_if_rejecting(image, "*.corp.example/**", &["EU.corp.example/app"]);
    // `**` names no host.
    matches(image, "**", &["GHCR.IO/org/app:1"]);
}

#[test]
fn registries_are_canonical() {
    for (pattern, text) in [
        ("index.docker.io", "docker.io"),
        ("ghcr.io/", "ghcr.io"),
        ("ghcr.io/**", "ghcr.io"),
        ("ghcr.io/**/", "ghcr.io"),
        ("ghcr.io/org/", "ghcr.io/org"),
        ("ghcr.io/org/**", "ghcr.io/org"),
        ("docker.io/bitnami/redis/", "docker.io/bitnami/redis"),
        ("*.dkr.ecr.*.example.com", "*.dkr.ecr.*.example.com"),
        ("*.corp.example:5000/team-*", "*.corp.example:5000/team-*"),
        ("[::1]:5000", "[::1]:5000"),
    ] {
        canonical(RegistryPattern::parse, pattern, text);
    }
}

#[test]
fn what_is_no_registry_is_refused() {
    for (pattern, message) in [
        ("", BLANK),
        (" ", BLANK),
        ("\t\n", BLANK),
        ("*", EVERY_REGISTRY),
        ("**", EVERY_REGISTRY),
        ("*/", EVERY_REGISTRY),
        ("**/", EVERY_REGISTRY),
        ("ghcr.io/app:1", TAG_OR_DIGEST),
        ("ghcr.io/app@sha256:1", TAG_OR_DIGEST),
        ("user@ghcr.io", TAG_OR_DIGEST),
        ("GHCR.io", UPPER_CASE),
        ("Org/app", UPPER_CASE),
        ("*.Corp.example", UPPER_CASE),
        ("[::F]", UPPER_CASE),
        ("*corp.example", STAR_IN_HOST),
        ("a.b*.example", STAR_IN_HOST),
        ("a.**.example", STAR_IN_HOST),
        ("*.a.*:5000", STAR_IN_HOST),
        ("[::*.1]", STAR_IN_HOST),
        ("ghcr.*", STAR_IN_HOST),
        ("10.0.0.0/8", NETWORK),
        ("192.168.1.0/24/", NETWORK),
        ("10.1.2.3/32", NETWORK),
        ("[fd00::]/8", NETWORK),
        ("fd00::/8", NETWORK),
        ("ghcr.io:*", STAR_IN_HOST),
        ("*.*", STAR_IN_HOST),
        ("**.corp.example", STAR_IN_HOST),
        ("*:5000", STAR_IN_HOST),
        ("ghcr.io/**/app", DOUBLE_STAR),
        ("ghcr.io/***", DOUBLE_STAR),
        ("ghcr.io/a**", DOUBLE_STAR),
        ("https://ghcr.io", "can never match: `://` at byte 5: an image reference has no scheme"),
        ("/", "can never match: empty repository component at byte 0"),
        ("/**", "can never match: empty repository component at byte 0"),
        ("ghcr.io//", "can never match: empty repository component at byte 8"),
        ("ghcr.io//**", "can never match: empty repository component at byte 8"),
        ("ghcr.io/org//app", "can never match: empty repository component at byte 12"),
        ("ghcr.io/Org", "can never match: upper-case letter `O` at byte 8: repositories are lower case"),
        (
            "ghcr.io/-*",
            "can never match: the repository component at byte 8 does not start and end with a letter or digit",
        ),
        ("*.", "can never match: empty registry at byte 2"),
        ("ghcr..io", "can never match: empty registry at byte 5"),
        ("ghcr.io:", "can never match: empty port at byte 8"),
        ("ghcr.io:x", "can never match: character `x` at byte 8 is not allowed in a port"),
        ("-ghcr.io", "can never match: the registry label at byte 0 starts or ends with `-`"),
        ("gh_cr.io", "can never match: character `_` at byte 2 is not allowed in a registry"),
        (" ghcr.io", "can never match: character ` ` at byte 0 is not allowed in a registry"),
        ("ghcr.io ", "can never match: character ` ` at byte 7 is not allowed in a registry"),
        ("ghcr.io\0", "can never match: character `\\u{0}` at byte 7 is not allowed in a registry"),
        ("[::1", "can never match: the IPv6 address has no closing `]`"),
        (
            "not a registry",
            "can never match: character ` ` at byte 3 is not allowed in a repository component",
        ),
    ] {
        refuses(RegistryPattern::parse, pattern, message);
    }
}

#[test]
fn an_image_is_matched_whole() {
    matches(image, "nginx", &["nginx", "nginx:1", "docker.io/library/nginx:1", "index.docker.io/nginx"]);
    check(image, HostCase::Exact, "nginx", &format!("nginx:1@{SHA256}"), true);
    differs(
        image,
        "nginx",
        &["ghcr.io/library/nginx", "bitnami/nginx", "library/nginx/debug", "nginx2", "docker.io/nginx/nginx"],
    );
    for same in ["library/nginx", "docker.io/nginx", "index.docker.io/nginx", "nginx/"] {
        matches(image, same, &["nginx:1"]);
    }
    matches(image, "ghcr.io/org/app", &["ghcr.io/org/app", "ghcr.io/org/app:1"]);
    differs(
        image,
        "ghcr.io/org/app",
        &["ghcr.io/org/app/debug", "ghcr.io/org", "ghcr.io/org/app2", "ghcr.io:444/org/app"],
    );
    matches(image, "registry.k8s.io/pause", &["registry.k8s.io/pause:3.9"]);
    differs(
        image,
        "registry.k8s.io/pause",
        &["registry.k8s.io.evil.com/pause:3.9", "evil.com/registry.k8s.io/pause:3.9"],
    );
}

#[test]
fn a_star_stays_within_a_component_of_an_image() {
    matches(image, "ghcr.io/org/*", &["ghcr.io/org/app", "ghcr.io/org/a-b:1"]);
    differs(image, "ghcr.io/org/*", &["ghcr.io/org", "ghcr.io/org/team/app", "ghcr.io/orgs/app"]);
    matches(image, "ghcr.io/*/app", &["ghcr.io/org/app"]);
    differs(image, "ghcr.io/*/app", &["ghcr.io/app", "ghcr.io/a/b/app"]);
    matches(image, "ghcr.io/org/app-*", &["ghcr.io/org/app-1", "ghcr.io/org/app-a-b"]);
    differs(image, "ghcr.io/org/app-*", &["ghcr.io/org/app", "ghcr.io/org/app.1"]);
    matches(image, "ghcr.io/*a*b*", &["ghcr.io/ab", "ghcr.io/xaxbx", "ghcr.io/aab", "ghcr.io/abb"]);
    differs(image, "ghcr.io/*a*b*", &["ghcr.io/ba", "ghcr.io/a/b"]);
    matches(image, "ghcr.io/org/**", &["ghcr.io/org/app", "ghcr.io/org/team/app:1", "ghcr.io/org/a/b/c"]);
    differs(image, "ghcr.io/org/**", &["ghcr.io/org", "ghcr.io/org-evil/app", "ghcr.io:1/org/app"]);
    matches(image, "ghcr.io/**", &["ghcr.io/app", "ghcr.io/org/app"]);
    differs(image, "ghcr.io/**", &["ghcr.io.evil.com/app", "evil.com/ghcr.io/app"]);
    matches(image, "docker.io/bitnami/**", &["bitnami/redis:7", "index.docker.io/bitnami/redis"]);
    matches(image, "bitnami/**", &["docker.io/bitnami/redis:7"]);
    differs(image, "bitnami/**", &["bitnami-labs/redis", "ghcr.io/bitnami/redis", "bitnami"]);
    matches(image, "docker.io/**", &["nginx", "bitnami/redis"]);
    matches(image, "library/**", &["nginx"]);
    matches(image, "nginx*", &["nginx:1", "nginx-unprivileged"]);
    matches(image, "*.corp.example/**", &["a.corp.example/app", "a.b.corp.example/team/app"]);
    differs(image, "*.corp.example/**", &["corp.example/app", "a.corp.example:5000/app"]);
    matches(image, "**", &["nginx", "ghcr.io/org/app:1", "[::1]:5000/x"]);
}

#[test]
fn tags_and_digests_of_an_image_are_matched_if_named() {
    let pinned = &format!("ghcr.io/app@{SHA256}");
    let both = &format!("ghcr.io/app:1@{SHA256}");
    matches(image, "ghcr.io/app:1", &["ghcr.io/app:1", both]);
    differs(image, "ghcr.io/app:1", &["ghcr.io/app", "ghcr.io/app:1.0", "ghcr.io/app:01", pinned]);
    matches(image, "ghcr.io/app:1.*", &["ghcr.io/app:1.0", "ghcr.io/app:1."]);
    differs(image, "ghcr.io/app:1.*", &["ghcr.io/app:1", "ghcr.io/app:11.0"]);
    // The implied tag counts; a digest alone has none.
    matches(image, "ghcr.io/app:latest", &["ghcr.io/app", "ghcr.io/app:latest"]);
    differs(image, "ghcr.io/app:latest", &[pinned, "ghcr.io/app:Latest"]);
    matches(image, "ghcr.io/app:*", &["ghcr.io/app", "ghcr.io/app:1"]);
    differs(image, "ghcr.io/app:*", &[pinned]);
    matches(image, pinned, &[pinned, both]);
    differs(image, pinned, &["ghcr.io/app", "ghcr.io/app:1", &pinned.replace('e', "f")]);
    matches(image, both, &[both]);
    differs(image, both, &[pinned, "ghcr.io/app:1"]);
    matches(image, "**:latest", &["nginx", "ghcr.io/org/app:latest"]);
    differs(image, "**:latest", &["nginx:1", pinned]);
    matches(image, "bitnami/**:7*", &["bitnami/redis:7.2"]);
}

#[test]
fn what_is_no_image_is_refused() {
    for (pattern, message) in [
        ("", BLANK),
        (" ", BLANK),
        ("ghcr.io/app:", BLANK),
        ("*", AMBIGUOUS),
        ("*:latest", AMBIGUOUS),
        ("*/app", AMBIGUOUS),
        ("*/**", AMBIGUOUS),
        ("ghcr.io", LOOKS_LIKE_REGISTRY),
        ("ghcr.io/", LOOKS_LIKE_REGISTRY),
        ("GHCR.io/app", UPPER_CASE),
        ("Org/app", UPPER_CASE),
        ("ghcr.*/app", STAR_IN_HOST),
        ("*ghcr.io/app", STAR_IN_HOST),
        ("a.b*.io/app", STAR_IN_HOST),
        ("*:5000/app", STAR_IN_HOST),
        ("ghcr.io:*/app", STAR_IN_HOST),
        ("**/app", DOUBLE_STAR),
        ("ghcr.io/**/app", DOUBLE_STAR),
        ("ghcr.io/a**", DOUBLE_STAR),
        ("ghcr.io/a**b/c", DOUBLE_STAR),
        ("ghcr.io/***", DOUBLE_STAR),
        ("ghcr.io/app@sha256:*", STAR_IN_DIGEST),
        ("ghcr.io/app@*", STAR_IN_DIGEST),
        ("sha256", IMAGE_ID),
        ("sha256:*", IMAGE_ID),
        ("https://ghcr.io/app", "can never match: `://` at byte 5: an image reference has no scheme"),
        (
            "ghcr.io/app@",
            "can never match: the digest at byte 2 does not start with sha256:, sha384: or sha512:",
        ),
        ("ghcr.io/app@sha256:ff", "can never match: the digest has 2 hex digits, not 64"),
        (
            "ghcr.io/app@md5:ff",
            "can never match: the digest at byte 2 does not start with sha256:, sha384: or sha512:",
        ),
        ("ghcr.io/app:.1", "can never match: the tag at byte 0 starts with `.` or `-`"),
        ("ghcr.io/app:1:2", "can never match: a second `:` at byte 1 is not allowed in a tag"),
        ("ghcr.io/app:1/b", "can never match: character `/` at byte 1 is not allowed in a tag"),
        ("ghcr.io/App", "can never match: upper-case letter `A` at byte 8: repositories are lower case"),
        ("ghcr.io//app", "can never match: empty repository component at byte 8"),
        ("/", "can never match: empty repository component at byte 0"),
        ("gh_cr.io/app", "can never match: character `_` at byte 2 is not allowed in a registry"),
        ("app ", "can never match: character ` ` at byte 3 is not allowed in a repository component"),
        ("é", "can never match: character `\\u{e9}` at byte 0 is not allowed in a repository component"),
    ] {
        refuses(ImagePattern::parse, pattern, message);
    }
    refuses(ImagePattern::parse, &"f".repeat(64), IMAGE_ID);
}

#[test]
fn nothing_before_a_double_star_is_not_every_image() {
    refuses(ImagePattern::parse, "/**", "can never match: empty repository component at byte 0");
    refuses(ImagePattern::parse, "ghcr.io//**", "can never match: empty repository component at byte 8");
    refuses(ImagePattern::parse, "a//**", "can never match: empty repository component at byte 2");
}

#[test]
fn image_ids_are_refused_however_they_are_spelled() {
    for pattern in ["library/sha256", "docker.io/sha384", "docker.io/library/sha512:abc"] {
        refuses(ImagePattern::parse, pattern, IMAGE_ID);
    }
    matches(image, "ghcr.io/sha256", &["ghcr.io/sha256:abc"]);
}

#[test]
fn a_pattern_that_is_too_long_to_match_is_refused() {
    let path = "a".repeat(256);
    let too_long = "can never match: the repository has 256 bytes; at most 255 are allowed";
    refuses(ImagePattern::parse, &format!("ghcr.io/{path}"), too_long);
    refuses(RegistryPattern::parse, &format!("ghcr.io/{path}"), too_long);
    let host = format!("{}.io", "a".repeat(4094));
    refuses(RegistryPattern::parse, &host, "can never match: it has 4097 bytes; at most 4096 are allowed");
}

#[test]
fn a_star_before_an_address_is_refused() {
    assert!(RegistryPattern::parse("*.[::1]").is_err());
    assert!(ImagePattern::parse("*.[::1]/app").is_err());
}

#[test]
fn images_are_canonical() {
    for (pattern, text) in [
        ("nginx", "docker.io/library/nginx"),
        ("nginx*:1.*", "docker.io/library/nginx*:1.*"),
        ("bitnami/**", "docker.io/bitnami/**"),
        ("index.docker.io/nginx", "docker.io/library/nginx"),
        ("docker.io/**", "docker.io/**"),
        ("docker.io/*/app", "docker.io/*/app"),
        ("ghcr.io/org/app/", "ghcr.io/org/app"),
        ("**", "**"),
        ("**/", "**"),
        ("**:latest", "**:latest"),
        ("*.ghcr.io/app", "*.ghcr.io/app"),
    ] {
        canonical(ImagePattern::parse, pattern, text);
    }
}

#[track_caller]
fn check_tag(pattern: &str, matching: &[&str], other: &[&str]) {
    let tag = TagPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
    for text in matching {
        assert!(tag.matches(text), "{pattern:?} does not match {text:?}");
    }
    for text in other {
        assert!(!tag.matches(text), "{pattern:?} matches {text:?}");
    }
}

#[test]
fn a_tag_is_matched_whole_and_exactly() {
    check_tag("latest", &["latest"], &["Latest", "LATEST", "latest1", "1latest", "lates", ""]);
    check_tag("*-SNAPSHOT", &["1.0-SNAPSHOT", "-SNAPSHOT"], &["1.0-snapshot", "1.0-SNAPSHOT-1", "SNAPSHOT"]);
    check_tag("v1.*", &["v1.", "v1.2", "v1.2.3"], &["v1", "v10", "v1-2", "xv1.2"]);
    check_tag("*", &["a", "latest"], &[]);
    check_tag("*.*.*", &["1.2.3", "1..2", "..", "1.2.3.4"], &["1.2", "1"]);
    check_tag("a*a", &["aa", "aba", "aaa"], &["a", "ab", "ba"]);
    check_tag("*ab*ab", &["abab", "ababab", "xabxab"], &["ab", "abx", "ababx"]);
    check_tag("LATEST", &["LATEST"], &["latest"]);
}

#[test]
fn what_is_no_tag_is_refused() {
    for (pattern, message) in [
        ("", BLANK),
        (" ", BLANK),
        (".1", "can never match: the tag at byte 0 starts with `.` or `-`"),
        ("-*", "can never match: the tag at byte 0 starts with `.` or `-`"),
        ("1:2", "can never match: a second `:` at byte 1 is not allowed in a tag"),
        ("a/b", "can never match: character `/` at byte 1 is not allowed in a tag"),
        ("a b", "can never match: character ` ` at byte 1 is not allowed in a tag"),
        ("a+b", "can never match: character `+` at byte 1 is not allowed in a tag"),
        ("@", "can never match: character `@` at byte 0 is not allowed in a tag"),
        ("é", "can never match: character `\\u{e9}` at byte 0 is not allowed in a tag"),
    ] {
        refuses(TagPattern::parse, pattern, message);
    }
    assert!(TagPattern::parse(&"a".repeat(128)).is_ok());
    refuses(
        TagPattern::parse,
        &"a".repeat(129),
        "can never match: the tag has 129 bytes; at most 128 are allowed",
    );
}

#[track_caller]
fn check_name(
    parse: fn(&str) -> Result<NamePattern, PatternError>,
    pattern: &str,
    matching: &[&str],
    other: &[&str],
) {
    let name = parse(pattern).unwrap_or_else(|error| panic!("{pattern:?}: {error}"));
    for text in matching {
        assert!(name.matches(text), "{pattern:?} does not match {text:?}");
    }
    for text in other {
        assert!(!name.matches(text), "{pattern:?} matches {text:?}");
    }
}

#[test]
fn a_name_is_matched_whole() {
    let label = NamePattern::parse_label;
    check_name(label, "ci", &["ci"], &["cicd", "aci", "CI", "c", ""]);
    check_name(label, "ci-*", &["ci-", "ci-1", "ci-a-b"], &["ci", "xci-1"]);
    check_name(label, "*", &["anything", ""], &[]);
    check_name(label, "0", &["0"], &["00"]);
    let user = NamePattern::parse_user;
    let builders = "system:serviceaccount:ci:*";
    check_name(
        user,
        builders,
        &["system:serviceaccount:ci:builder"],
        &["system:serviceaccount:cicd:builder", "alice"],
    );
    check_name(user, "Alice@example.com", &["Alice@example.com"], &["alice@example.com"]);
    check_name(user, "a b", &["a b"], &["a  b"]);
}

#[test]
fn what_is_no_name_is_refused() {
    for (pattern, message) in [
        ("", BLANK),
        (" \t", BLANK),
        ("Istio", NOT_A_LABEL),
        ("a_b", NOT_A_LABEL),
        ("a.b", NOT_A_LABEL),
        ("a b", NOT_A_LABEL),
        ("-a", NOT_A_LABEL),
        ("a-", NOT_A_LABEL),
        ("-*", NOT_A_LABEL),
        ("é", NOT_A_LABEL),
    ] {
        refuses(NamePattern::parse_label, pattern, message);
    }
    assert!(NamePattern::parse_label(&"a".repeat(63)).is_ok());
    assert!(NamePattern::parse_label(&format!("*{}*", "a".repeat(63))).is_ok());
    refuses(NamePattern::parse_label, &"a".repeat(64), NOT_A_LABEL);
    refuses(NamePattern::parse_user, "", BLANK);
    refuses(NamePattern::parse_user, " ", BLANK);
}

#[test]
fn a_pattern_of_tags_knows_whether_case_counts() {
    assert!(!TagPattern::parse("Latest").unwrap().ignores_case());
    assert!(TagPattern::parse_ignoring_case("Latest").unwrap().ignores_case());
}
