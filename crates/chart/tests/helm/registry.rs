//! Just enough of a registry for `helm push`: it takes everything, and remembers it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use chartroom_oci::Digest;

/// A registry that listens until the test's process ends.
pub(crate) struct Registry {
    /// `127.0.0.1:<port>`
    pub(crate) host: String,
    content: Content,
}

type Content = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

impl Registry {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let content = Content::default();
        let shared = content.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let content = shared.clone();
                std::thread::spawn(move || serve(stream.unwrap(), &content));
            }
        });
        Self { host, content }
    }

    /// A blob by its digest, or a manifest by `<repository>/<tag>`.
    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.content.lock().unwrap().get(key).cloned()
    }

    /// The keys of all manifests that have a tag.
    pub(crate) fn tags(&self) -> Vec<String> {
        let content = self.content.lock().unwrap();
        content.keys().filter(|key| !key.contains("sha256:")).cloned().collect()
    }
}

fn serve(stream: TcpStream, content: &Content) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let header = header.trim().to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, more, answer) = answer(&method, &target, body, &mut content.lock().unwrap());
        let type_ = "application/vnd.oci.image.manifest.v1+json";
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nContent-Type: {type_}\r\n{more}\r\n",
            answer.len()
        );
        writer.write_all(head.as_bytes()).unwrap();
        if method != "HEAD" && method != "PUT" {
            writer.write_all(&answer).unwrap();
        }
    }
}

fn answer(
    method: &str,
    target: &str,
    body: Vec<u8>,
    content: &mut BTreeMap<String, Vec<u8>>,
) -> (u16, String, Vec<u8>) {
    let target = target.strip_prefix("/v2/").unwrap();
    let parts = target.split_once("/manifests/").or_else(|| target.split_once("/blobs/"));
    let (repository, rest) = parts.unwrap();
    match (method, rest) {
        ("POST", _) => (202, format!("Location: /v2/{repository}/blobs/uploads/1\r\n"), Vec::new()),
        ("PUT", rest) if rest.starts_with("uploads/") => {
            content.insert(Digest::sha256(&body).to_string(), body);
            (201, String::new(), Vec::new())
        }
        ("PUT", reference) => {
            let key = if reference.starts_with("sha256:") {
                reference.to_owned()
            } else {
                format!("{repository}/{reference}")
            };
            let digest = Digest::sha256(&body);
            content.insert(key, body);
            (201, format!("Docker-Content-Digest: {digest}\r\n"), Vec::new())
        }
        (_, reference) => match content.get(reference) {
            Some(found) => {
                let digest = format!("Docker-Content-Digest: {}\r\n", Digest::sha256(found));
                (200, digest, found.clone())
            }
            None => (404, String::new(), Vec::new()),
        },
    }
}
