//! Registries that are none.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A page, as proxies give it for everything.
pub(crate) const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<html>hi</html>";

/// Listens on a free port until the process ends, and gives `127.0.0.1:PORT`.
fn listen(answer: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = listener.local_addr().expect("it has an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
    host
}

/// Takes connections, and says nothing.
pub(crate) fn silent() -> String {
    listen(|stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
    })
}

/// Answers each request with the same bytes, and hangs up.
pub(crate) fn answering(answer: &str) -> String {
    let answer = answer.to_string();
    listen(move |mut stream| {
        read_request(&mut stream);
        // The client may have gone.
        let _ = stream.write_all(answer.as_bytes());
    })
}

/// Answers each request by its text, and keeps the requests.
pub(crate) fn hearing(
    answer: impl Fn(&str) -> String + Send + Sync + Clone + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let heard = Arc::clone(&requests);
    let host = listen(move |mut stream| {
        let request = read_request(&mut stream);
        let answer = answer(&request);
        heard.lock().expect("nobody panicked").push(request);
        // The client may have gone.
        let _ = stream.write_all(answer.as_bytes());
    });
    (host, requests)
}

/// Lets each path be answered, and hangs up.
pub(crate) fn serving(
    answer: impl Fn(&str, &mut TcpStream) -> io::Result<()> + Send + Sync + Clone + 'static,
) -> String {
    listen(move |mut stream| {
        let request = read_request(&mut stream);
        let path = request.split(' ').nth(1).unwrap_or_default();
        // The client may have gone.
        let _ = answer(path, &mut stream);
    })
}

/// Starts to answer, and never ends.
pub(crate) fn endless() -> String {
    listen(|mut stream| {
        read_request(&mut stream);
        let mut result = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        while result.is_ok() {
            thread::sleep(Duration::from_millis(20));
            result = stream.write_all(b"[[");
        }
    })
}

/// A port at which nobody listens.
pub(crate) fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").to_string()
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 => request.extend_from_slice(&buffer[..length]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&request).into()
}
