//! An identity provider: a small HTTP server with a discovery document, a key set, and a real key; and
//! what GitHub's runners have, from which a job gets its own token.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::plant;

/// What GitHub's runners need to get the token of a job.
const REQUEST_TOKEN: &str = "request-token-of-the-runner-0815";

/// An identity provider that runs until it is dropped.
pub struct Issuer {
    address: SocketAddr,
    key: IssuerKey,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    keys: Mutex<Vec<Value>>,
    /// Where the key set is instead, if it has moved.
    moved: Mutex<Option<String>>,
    /// The tokens of jobs, by audience.
    jobs: Mutex<Vec<(String, String)>>,
    fetched: AtomicU64,
    ends: AtomicBool,
}

/// A key with its name.
pub struct IssuerKey {
    id: String,
    algorithm: Algorithm,
    signing: EncodingKey,
}

impl IssuerKey {
    /// A key of RSA, as GitHub and GitLab have.
    pub fn rsa(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let signing = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { id: id.to_owned(), algorithm: Algorithm::RS256, signing }
    }

    /// A key of the curve P-256.
    pub fn ecdsa(id: &str) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let signing = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        Self { id: id.to_owned(), algorithm: Algorithm::ES256, signing }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.signing, self.algorithm).unwrap();
        key.common.key_id = Some(self.id.clone());
        serde_json::to_value(key).unwrap()
    }

    /// The header of a token that names this key.
    pub fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        header
    }

    /// Signs a token.
    pub fn sign(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.signing).unwrap()
    }
}

impl Issuer {
    /// Starts an identity provider with this key.
    pub fn start(key: IssuerKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // One of a kind that nobody knows must not hide the others.
        let keys = Mutex::new(vec![json!({ "kty": "odd", "kid": "odd" }), key.public()]);
        let shared = Arc::new(Shared {
            keys,
            moved: Mutex::default(),
            jobs: Mutex::default(),
            fetched: AtomicU64::new(0),
            ends: AtomicBool::new(false),
        });
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

    /// What its tokens have as `iss`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token with these claims, and those that every token has.
    pub fn token(&self, audience: &str, claims: &Value) -> String {
        let token = self.key.sign(&self.key.header(), &self.claims(audience, claims));
        plant(&token);
        token
    }

    /// From now on, its key set is at another place, to which who asks is sent.
    pub fn move_keys(&self, to: &str) {
        *self.shared.moved.lock().unwrap() = Some(to.to_owned());
    }

    /// The variables that a job at GitHub finds, with which it gets this token.
    pub fn job(&self, audience: &str, claims: &Value) -> [(String, String); 2] {
        plant(REQUEST_TOKEN);
        let token = self.token(audience, claims);
        self.shared.jobs.lock().unwrap().push((audience.to_owned(), token));
        let url = format!("{}/job?api-version=2.0", self.url());
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN.to_owned())]
            .map(|(name, value)| (name.to_owned(), value))
    }

    /// All that such a token says.
    pub fn claims(&self, audience: &str, more: &Value) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
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

    /// The key that it signs with.
    pub fn key(&self) -> &IssuerKey {
        &self.key
    }

    /// Takes another key; the one before is no longer in the key set.
    pub fn replace(&mut self, key: IssuerKey) {
        *self.shared.keys.lock().unwrap() = vec![key.public()];
        self.key = key;
    }

    /// How often the key set was fetched.
    pub fn fetched(&self) -> u64 {
        self.shared.fetched.load(Ordering::SeqCst)
    }
}

fn answer(stream: TcpStream, address: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut authorized = false;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        let value = line.trim_end().split_once(": ").map(|(_, value)| value);
        authorized |=
            value.is_some_and(|value| value.eq_ignore_ascii_case(&format!("bearer {REQUEST_TOKEN}")));
        line.clear();
    }
    let target = first.split(' ').nth(1).unwrap_or_default();
    let moved = shared.moved.lock().unwrap().clone();
    let (status, body) = match (target, moved) {
        ("/.well-known/openid-configuration", _) => {
            let keys = format!("http://{address}/keys");
            ("200 OK", json!({ "issuer": format!("http://{address}"), "jwks_uri": keys }))
        }
        ("/keys", Some(to)) => {
            let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\n");
            return (&stream)
                .write_all(format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes());
        }
        ("/keys", None) => {
            shared.fetched.fetch_add(1, Ordering::SeqCst);
            ("200 OK", json!({ "keys": *shared.keys.lock().unwrap() }))
        }
        (job, _) if job.starts_with("/job?api-version=2.0&audience=") && authorized => {
            let jobs = shared.jobs.lock().unwrap();
            let asked = job.split_once("audience=").map(|(_, audience)| audience).unwrap_or_default();
            match jobs.iter().rev().find(|(audience, _)| audience == asked) {
                Some((_, token)) => ("200 OK", json!({ "value": token })),
                None => ("404 Not Found", json!({ "message": "no job has asked for this audience" })),
            }
        }
        _ => ("404 Not Found", json!({ "message": "there is nothing here" })),
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
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
