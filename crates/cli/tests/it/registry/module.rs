//! Modules, from a real registry and from some that lie.

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fresh_images_cli::POLICY;
use fresh_images_cli::module::{Cache, Module};

use super::client::{LIMIT, client};
use super::fake;
use super::images::Pusher;
use super::server::{Server, fresh_directory};

/// Pulls `policies/fresh-images` with this tag or digest.
fn pull(host: &str, version: &str, cache: Option<&Path>) -> Result<Vec<u8>, String> {
    let module: Module = format!("registry://{host}/policies/fresh-images{version}").parse().expect("a name");
    let pulled = module.pull(&client(host, None), cache.map(Cache::new).as_ref());
    pulled.map_err(|error| error.to_string().replace(host, "HOST"))
}

/// The only file of the cache with this extension.
fn cached(cache: &Path, extension: &str) -> PathBuf {
    let entries = fs::read_dir(cache.join("sha256")).expect("there is a cache");
    let paths = entries.map(|entry| entry.expect("it is readable").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths.remove(0)
}

#[test]
fn what_was_pulled_is_kept() {
    let Some(server) = Server::start() else { return };
    let host = server.host.clone();
    let digest = Pusher::new(&host).push_module("policies/fresh-images:v1", POLICY);
    let cache = fresh_directory("cache");
    let by_digest = format!("@{digest}");
    let by_both = format!(":none@{digest}");
    assert_eq!(pull(&host, ":v1", Some(&cache)), Ok(POLICY.to_vec()));
    assert_eq!(fs::read(cached(&cache, "wasm")).expect("it is kept"), POLICY);
    let name = format!("{}.json", digest.trim_start_matches("sha256:"));
    assert_eq!(cached(&cache, "json").file_name(), Some(name.as_ref()));

    // A tag is looked up each time, a digest only once.
    drop(server);
    let gone = Err("HOST refused the connection".to_string());
    assert_eq!(pull(&host, ":v1", Some(&cache)), gone);
    assert_eq!(pull(&host, &by_digest, Some(&cache)), Ok(POLICY.to_vec()));
    assert_eq!(pull(&host, &by_both, Some(&cache)), Ok(POLICY.to_vec()));
    assert_eq!(pull(&host, &by_digest, None), gone);
    assert_eq!(pull(&host, &by_digest, Some(&fresh_directory("cache"))), gone);

    // Either file alone is not enough.
    for extension in ["json", "wasm"] {
        let path = cached(&cache, extension);
        let content = fs::read(&path).expect("it is kept");
        fs::remove_file(&path).expect("it can be removed");
        assert_eq!(pull(&host, &by_digest, Some(&cache)), gone, "{extension}");
        fs::write(&path, content).expect("it can be written");
    }
    assert_eq!(pull(&host, &by_digest, Some(&cache)), Ok(POLICY.to_vec()));
}

#[test]
fn a_cache_that_was_changed_is_not_believed() {
    let Some(server) = Server::start() else { return };
    let host = &server.host;
    let pusher = Pusher::new(host);
    let digest = pusher.push_module("policies/fresh-images:v1", POLICY);
    let cache = fresh_directory("cache");
    for version in [":v1".to_string(), format!("@{digest}")] {
        for extension in ["json", "wasm"] {
            for bad in [&b""[..], b"\0asm\x01\0\0\0", &POLICY[1..]] {
                assert_eq!(pull(host, &version, Some(&cache)), Ok(POLICY.to_vec()));
                let path = cached(&cache, extension);
                let good = fs::read(&path).expect("it is kept");
                fs::write(&path, bad).expect("it can be written");
                assert_eq!(pull(host, &version, Some(&cache)), Ok(POLICY.to_vec()), "{version} {extension}");
                assert_eq!(fs::read(&path).expect("it is replaced"), good, "{version} {extension}");
            }
        }
    }
    // A tag that was pushed again is another module.
    pusher.push_module("policies/fresh-images:v1", b"another");
    assert_eq!(pull(host, ":v1", Some(&cache)), Ok(b"another".to_vec()));
    assert_eq!(pull(host, &format!("@{digest}"), Some(&cache)), Ok(POLICY.to_vec()));
}

/// A file stands where the directory should: it can be neither read nor written.
#[test]
fn a_cache_is_not_needed() {
    let Some(server) = Server::start() else { return };
    let digest = Pusher::new(&server.host).push_module("policies/fresh-images:v1", POLICY);
    let file = fresh_directory("cache").join("file");
    fs::write(&file, "").expect("a file can be written");
    for version in [":v1".to_string(), format!("@{digest}")] {
        for cache in [None, Some(file.as_path())] {
            assert_eq!(pull(&server.host, &version, cache), Ok(POLICY.to_vec()));
        }
    }
    assert_eq!(fs::read(&file).expect("it is still there"), b"");
}

#[test]
fn what_is_no_module_is_refused() {
    let Some(server) = Server::start() else { return };
    let host = &server.host;
    let pusher = Pusher::new(host);
    let error = |version: &str| pull(host, version, None).expect_err("no module");
    let wasm = "application/vnd.wasm.content.layer.v1+wasm";

    pusher.push("policies/fresh-images:image", "web");
    assert_eq!(
        error(":image"),
        "HOST/policies/fresh-images:image is not a policy: it has a layer of the type \
         application/vnd.oci.image.layer.v1.tar instead of a single module",
    );
    pusher.push("policies/fresh-images:other", "arm");
    pusher.push_index(
        "policies/fresh-images:index",
        ["policies/fresh-images:image", "policies/fresh-images:other"],
    );
    assert_eq!(
        error(":index"),
        "HOST/policies/fresh-images:index is an index of several artifacts: name the module itself, by its digest",
    );
    pusher.push_layers("policies/fresh-images:two", &[(b"one", wasm), (b"two", wasm)]);
    assert_eq!(
        error(":two"),
        "HOST/policies/fresh-images:two is not a policy: it has 2 layers instead of a single module",
    );
    assert_eq!(error(":none"), "HOST has no policies/fresh-images:none");
    let none = format!("@sha256:{}", "0".repeat(64));
    assert_eq!(error(&none), format!("HOST has no policies/fresh-images{none}"));
}

/// A registry that gives this manifest for every name, and lets its layer be answered.
fn lying(
    manifest: String,
    layer: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + Clone + 'static,
) -> String {
    fake::serving(move |path, stream| {
        if path.contains("/blobs/") {
            return layer(stream);
        }
        stream.write_all(&answer(manifest.as_bytes(), manifest.len()))
    })
}

fn answer(body: &[u8], length: usize) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Goes on until nobody listens.
fn endless(stream: &mut TcpStream, pause: Duration) -> io::Result<()> {
    stream.write_all(&answer(b"", 1_000_000_000))?;
    loop {
        stream.write_all(b"abc")?;
        thread::sleep(pause);
    }
}

/// Of a module of three bytes.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn manifest(digest: &str, size: usize) -> String {
    format!(
        r#"{{"schemaVersion":2,"layers":[{{"mediaType":"application/vnd.wasm.content.layer.v1+wasm","digest":"{digest}","size":{size}}}]}}"#
    )
}

#[test]
fn a_registry_that_lies_is_not_believed() {
    let sha256 = format!("sha256:{ABC}");
    let good = manifest(&sha256, 3);
    let honest = lying(good.clone(), |stream| stream.write_all(&answer(b"abc", 3)));
    assert_eq!(pull(&honest, ":v1", None), Ok(b"abc".to_vec()));

    let asked = format!("@sha256:{}", "0".repeat(64));
    let cache = fresh_directory("cache");
    let error = |manifest: &str, layer: Vec<u8>, version: &str| {
        let host = lying(manifest.into(), move |stream| stream.write_all(&layer));
        pull(&host, version, Some(&cache)).expect_err("no module")
    };
    let answers = |reason: &str| format!("HOST does not answer like a registry: {reason}");
    let another = answers("a layer is not the one that its manifest names");
    assert_eq!(
        error(&good, answer(b"abc", 3), &asked),
        answers("its manifest does not have the requested digest"),
    );
    assert_eq!(error(&good, answer(b"abd", 3), ":v1"), another);
    assert_eq!(error(&good, answer(b"ab", 2), ":v1"), another);
    assert_eq!(error(&good, answer(b"", 0), ":v1"), another);
    assert_eq!(error(&good, answer(b"abcd", 4), ":v1"), another);
    assert_eq!(error(&manifest(&sha256, 2), answer(b"abc", 3), ":v1"), another);
    assert_eq!(error(&manifest(&sha256, 4), answer(b"abc", 3), ":v1"), another);
    assert_eq!(error(&good, answer(b"ab", 3), ":v1"), answers("end of file before message length reached"));
    let endless = lying(good.clone(), |stream| endless(stream, Duration::ZERO));
    assert_eq!(pull(&endless, ":v1", Some(&cache)), Err(another));
    let no_manifest = "HOST/policies/fresh-images:v1 has no readable manifest";
    assert_eq!(error("<html>hi</html>", answer(b"abc", 3), ":v1"), no_manifest);
    assert_eq!(error(&manifest("md5:0", 3), answer(b"abc", 3), ":v1"), no_manifest);
    assert_eq!(
        error(&manifest(&sha256, 67_108_865), answer(b"abc", 3), ":v1"),
        "HOST/policies/fresh-images:v1 has 67108865 bytes; the limit is 67108864",
    );
    let missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 37\r\nConnection: close\r\n\r\n\
        {\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}  ";
    assert_eq!(
        error(&good, missing.to_vec(), ":v1"),
        answers("it does not have the layer that its manifest names"),
    );

    // Nothing of this is kept for another time.
    let kept = fs::read_dir(cache.join("sha256")).expect("manifests are kept");
    let kept: Vec<PathBuf> = kept.map(|entry| entry.expect("it is readable").path()).collect();
    assert!(
        kept.iter().all(|path| path.extension().is_some_and(|extension| extension == "json")),
        "{kept:?}"
    );
}

#[test]
fn a_registry_that_hangs_is_not_waited_for() {
    let large = || manifest(&format!("sha256:{ABC}"), 1_000_000_000 / 16);
    let pause = Duration::from_millis(20);
    for host in [
        fake::silent(),
        fake::endless(),
        lying(large(), |_| {
            thread::sleep(LIMIT * 2);
            Ok(())
        }),
        lying(large(), move |stream| endless(stream, pause)),
    ] {
        let started = Instant::now();
        assert_eq!(pull(&host, ":v1", None), Err("HOST did not answer within 2s".into()));
        assert!(started.elapsed() < LIMIT + Duration::from_secs(1), "{:?}", started.elapsed());
    }
}
