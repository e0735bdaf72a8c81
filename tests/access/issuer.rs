//! An identity provider: a small HTTP server with a discovery document, a key set, and a real key.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// An identity provider that runs until it is dropped.
pub(crate) struct Issuer {
    address: SocketAddr,
    key: Key,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    keys: Mutex<Vec<Value>>,
    fetched: AtomicU64,
    ends: AtomicBool,
}

/// A key with its name.
pub(crate) struct Key {
    id: String,
    algorithm: Algorithm,
    signing: EncodingKey,
}

impl Key {
    pub(crate) fn rsa(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let signing = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { id: id.to_owned(), algorithm: Algorithm::RS256, signing }
    }

    pub(crate) fn ecdsa(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let signing = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { id: id.to_owned(), algorithm: Algorithm::ES256, signing }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.signing, self.algorithm).unwrap();
        key.common.key_id = Some(self.id.clone());
        serde_json::to_value(key).unwrap()
    }

    pub(crate) fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        header
    }

    pub(crate) fn sign(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.signing).unwrap()
    }
}

impl Issuer {
    pub(crate) fn start(key: Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // One of a kind that nobody knows must not hide the others.
        let keys = Mutex::new(vec![json!({ "kty": "odd", "kid": "odd" }), key.public()]);
        let shared = Arc::new(Shared { keys, fetched: AtomicU64::new(0), ends: AtomicBool::new(false) });
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.ends.load(Ordering::SeqCst) {
                    break;
                }
                // A client that goes away is its own affair.
                let _ = answer(stream, address, &serving);
            }
        });
        Self { address, key, shared, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token with these claims, and those that every token has.
    pub(crate) fn token(&self, audience: &str, claims: &Value) -> String {
        self.key.sign(&self.key.header(), &self.claims(audience, claims))
    }

    /// All that such a token says.
    pub(crate) fn claims(&self, audience: &str, more: &Value) -> Value {
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.url(),
            "aud": audience,
            "sub": "somebody",
            "iat": now,
            "nbf": now - 5,
            "exp": now + 300,
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Takes another key; the one before is no longer in the key set.
    pub(crate) fn replace(&mut self, key: Key) {
        *self.shared.keys.lock().unwrap() = vec![key.public()];
        self.key = key;
    }

    /// How often the key set was fetched.
    pub(crate) fn fetched(&self) -> u64 {
        self.shared.fetched.load(Ordering::SeqCst)
    }
}

fn answer(stream: TcpStream, address: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let body = match first.split(' ').nth(1) {
        Some("/.well-known/openid-configuration") => {
            json!({ "issuer": format!("http://{address}"), "jwks_uri": format!("http://{address}/keys") })
        }
        Some("/keys") => {
            shared.fetched.fetch_add(1, Ordering::SeqCst);
            json!({ "keys": *shared.keys.lock().unwrap() })
        }
        _ => {
            return (&stream)
                .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    (&stream).write_all(format!("{head}{body}").as_bytes())
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes the thread, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
