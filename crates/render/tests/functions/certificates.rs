//! Certificates: made of what Helm makes them of, believed by a TLS client, and exchanged with Helm.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection};

use crate::ask::Helm;
use crate::template::{run, text};

/// Separates the parts that a template writes.
const CUT: &str = "=====";

pub(crate) fn key(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions/keys").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Some certificates and what belongs to them, in PEM.
struct Pems(Vec<String>);

impl Pems {
    /// Executes a template that writes them with cuts between them.
    #[track_caller]
    fn ours(template: &str) -> Self {
        Self::split(&text(template))
    }

    #[track_caller]
    fn helms(helm: &Helm, template: &str) -> Self {
        let wrapped = "o: {{ include \"x\" . | quote }}";
        let output = helm.render(&format!("{{{{ define \"x\" }}}}{template}{{{{ end }}}}"), wrapped, "UTC");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let quoted = text.lines().find_map(|line| line.strip_prefix("o: ")).expect("the text");
        Self::split(&serde_json::from_str::<String>(quoted).unwrap())
    }

    fn split(text: &str) -> Self {
        Self(text.split(CUT).map(str::to_owned).collect())
    }
}

/// Lets a client that trusts an authority greet a server that has a certificate.
fn greet(authority: &str, certificate: &str, key: &str, name: &'static str) -> Result<(), rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())?;
    let client =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let server = server.with_no_client_auth().with_single_cert(chain, key)?;
    let name = ServerName::try_from(name).unwrap();
    let mut client = Connection::Client(ClientConnection::new(Arc::new(client), name)?);
    let mut server = Connection::Server(ServerConnection::new(Arc::new(server))?);
    while client.is_handshaking() || server.is_handshaking() {
        pass(&mut client, &mut server)?;
        pass(&mut server, &mut client)?;
    }
    Ok(())
}

fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), rustls::Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        to.read_tls(&mut rest).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn clients_believe_what_an_authority_signed() {
    let template = "{{ $ca := genCA \"ca\" 10 }}{{ $c := genSignedCert \"svc\" (list \"10.0.0.1\") \
                    (list \"svc\" \"svc.ns.svc\") 5 $ca }}{{ $ca.Cert }}CUT{{ $c.Cert }}CUT{{ $c.Key }}";
    let Pems(pems) = Pems::ours(&template.replace("CUT", CUT));
    for name in ["svc", "svc.ns.svc", "10.0.0.1"] {
        greet(&pems[0], &pems[1], &pems[2], name).unwrap();
    }
    for name in ["other", "10.0.0.2"] {
        assert!(greet(&pems[0], &pems[1], &pems[2], name).is_err(), "{name}");
    }
    let Pems(stranger) = Pems::ours("{{ (genCA \"ca\" 10).Cert }}");
    assert!(greet(&stranger[0], &pems[1], &pems[2], "svc").is_err());
}

#[test]
fn clients_believe_what_signs_itself() {
    let template = "{{ $c := genSelfSignedCert \"svc\" nil (list \"svc\") 5 }}{{ $c.Cert }}CUT{{ $c.Key }}";
    let Pems(pems) = Pems::ours(&template.replace("CUT", CUT));
    greet(&pems[0], &pems[0], &pems[1], "svc").unwrap();
}

#[test]
fn certificates_expire() {
    let template = "{{ $c := genSelfSignedCert \"svc\" nil (list \"svc\") -1 }}{{ $c.Cert }}CUT{{ $c.Key }}";
    let Pems(pems) = Pems::ours(&template.replace("CUT", CUT));
    assert!(greet(&pems[0], &pems[0], &pems[1], "svc").is_err());
}

#[test]
fn keys_of_every_kind_sign() {
    for name in ["p256", "p384", "p521", "p384-pkcs8", "ed25519", "rsa", "rsa-pkcs8"] {
        let template = format!(
            "{{{{ $k := `{}` }}}}{{{{ $ca := genCAWithKey \"ca\" 10 $k }}}}{{{{ $c := genSignedCertWithKey \
             \"svc\" nil (list \"svc\") 5 $ca $k }}}}{{{{ $ca.Cert }}}}{CUT}{{{{ $c.Cert }}}}{CUT}{{{{ $c.Key }}}}",
            key(&format!("{name}.pem"))
        );
        let Pems(pems) = Pems::ours(&template);
        greet(&pems[0], &pems[1], &pems[2], "svc").unwrap();
    }
}

#[test]
fn generated_keys_can_be_used() {
    for kind in ["rsa", "ecdsa", "ed25519"] {
        let template = format!(
            "{{{{ $k := genPrivateKey \"{kind}\" }}}}{{{{ $c := genSelfSignedCertWithKey \"svc\" nil (list \"svc\") \
             5 $k }}}}{{{{ $c.Cert }}}}{CUT}{{{{ $c.Key }}}}{CUT}{{{{ $k }}}}"
        );
        let Pems(pems) = Pems::ours(&template);
        greet(&pems[0], &pems[0], &pems[1], "svc").unwrap();
        assert_eq!(pems[1], pems[2], "{kind}");
    }
}

/// What keys become on their way through, and why some don't get through.
#[test]
fn keys_are_written_in_the_form_of_their_kind() {
    let through = |name: &str| run(&format!("{{{{ (genCAWithKey \"x\" 1 `{}`).Key }}}}", key(name)));
    for name in ["p256", "p384", "p521", "ed25519", "rsa"] {
        let name = format!("{name}.pem");
        assert_eq!(String::from_utf8(through(&name).unwrap()).unwrap(), key(&name));
    }
    assert_eq!(String::from_utf8(through("p384-pkcs8.pem").unwrap()).unwrap(), key("p384.pem"));
    assert_eq!(String::from_utf8(through("rsa-pkcs8.pem").unwrap()).unwrap(), key("rsa.pem"));
    for (name, error) in [
        ("x25519.pem", "x509: certificate private key does not implement crypto.Signer"),
        ("dsa.pem", "x509: certificate private key does not implement crypto.Signer"),
        ("secp256k1.pem", "x509: unknown elliptic curve"),
    ] {
        assert!(through(name).unwrap_err().ends_with(error), "{name}");
    }
    // Helm signs with these. We only pass them on.
    for name in ["rsa1024.pem", "p224.pem"] {
        assert!(through(name).unwrap_err().contains("not supported"), "{name}");
        let passed =
            format!("{{{{ (genSignedCertWithKey \"x\" nil nil 1 (genCA \"ca\" 1) `{}`).Key }}}}", key(name));
        assert_eq!(text(&passed), key(name));
    }
}

/// The structure of a certificate, with a mark where two never are the same.
fn shape(pem: &str) -> String {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut out = String::new();
    elements(&der, 0, &mut out);
    out
}

fn elements(mut bytes: &[u8], depth: usize, out: &mut String) {
    while let [tag, length, rest @ ..] = bytes {
        let (length, rest) = match length {
            short @ 0..0x80 => (usize::from(*short), rest),
            long => {
                let (length, rest) = rest.split_at(usize::from(long & 0x7F));
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
        };
        let (content, rest) = rest.split_at(length);
        let _ = write!(out, "{}{tag:02x} ", "  ".repeat(depth));
        match tag {
            tag if tag & 0x20 != 0 => {
                out.push('\n');
                elements(content, depth + 1, out);
            }
            // A version and the public exponent are short; a serial number is not.
            0x02 if content.len() > 4 => out.push_str("serial\n"),
            0x17 | 0x18 => out.push_str("time\n"),
            0x03 if content.len() > 200 || depth == 1 => out.push_str("signature or key\n"),
            _ => {
                let hex: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
                out.push_str(&hex);
                out.push('\n');
            }
        }
        bytes = rest;
    }
    assert!(bytes.is_empty());
}

/// Templates that write a certificate for a key that is given.
fn shaped() -> Vec<String> {
    let certificate = |key: &str, call: &str| format!("{{{{ $k := `{key}` }}}}{{{{ ({call}).Cert }}}}");
    let names =
        "(list \"10.0.0.1\" \"::1\" \"::ffff:1.2.3.4\") (list \"svc\" \"*.svc.example\" \"\" \"a b\")";
    let mut templates = Vec::new();
    for name in ["p256.pem", "p384.pem", "p521.pem", "ed25519.pem", "rsa.pem"] {
        templates.push(certificate(&key(name), "genCAWithKey \"ca\" 10 $k"));
    }
    let p256 = key("p256.pem");
    let p384 = key("p384.pem");
    let ca = format!("(genCAWithKey \"ca\" 10 `{p384}`)");
    for call in [
        "genCAWithKey \"Ünïcode *&@\" 10 $k".to_owned(),
        "genCAWithKey \"printable '()+,-./:=?\" 10 $k".to_owned(),
        "genCAWithKey \"under_score\" 10 $k".to_owned(),
        "genCAWithKey \"\" 10 $k".to_owned(),
        "genCAWithKey \"far\" 36500 $k".to_owned(),
        format!("genSelfSignedCertWithKey \"svc\" {names} 10 $k"),
        "genSelfSignedCertWithKey \"svc\" nil nil 10 $k".to_owned(),
        "genSelfSignedCertWithKey \"svc\" (list) (list) 10 $k".to_owned(),
        "genSelfSignedCertWithKey \"\" nil (list \"svc\") 10 $k".to_owned(),
        format!("genSignedCertWithKey \"svc\" {names} 10 {ca} $k"),
        format!("genSignedCertWithKey \"ca\" nil nil 10 {ca} $k"),
        format!("genSignedCertWithKey \"\" nil nil 10 {ca} $k"),
    ] {
        templates.push(certificate(&p256, &call));
    }
    templates
}

#[test]
fn certificates_are_made_of_what_helm_makes_them_of() {
    let Some(helm) = Helm::find() else { return };
    let templates = shaped();
    let all = templates.join(CUT);
    let Pems(ours) = Pems::ours(&all);
    let Pems(helms) = Pems::helms(&helm, &all);
    assert_eq!((ours.len(), helms.len()), (templates.len(), templates.len()));
    for ((template, ours), helms) in templates.iter().zip(&ours).zip(&helms) {
        assert_eq!(shape(ours), shape(helms), "{template}");
    }
}

/// The same without Helm: what its certificates were made of when they were recorded.
#[test]
fn certificates_are_made_of_what_is_recorded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions/shapes-helm-4.3.1.txt");
    let shapes = |pems: Pems| pems.0.iter().map(|pem| shape(pem)).collect::<Vec<_>>().join(CUT);
    let all = shaped().join(CUT);
    if let Some(helm) = Helm::find()
        && std::env::var_os("CHARTROOM_BLESS").is_some()
    {
        std::fs::write(&path, shapes(Pems::helms(&helm, &all))).unwrap();
    }
    assert_eq!(shapes(Pems::ours(&all)), std::fs::read_to_string(path).unwrap());
}

#[test]
fn authorities_are_exchanged_with_helm() {
    let Some(helm) = Helm::find() else { return };
    let authority = format!("{{{{ $ca := genCA \"ca\" 10 }}}}{{{{ $ca.Cert }}}}{CUT}{{{{ $ca.Key }}}}");
    let sign = |Pems(ca): &Pems| {
        format!(
            "{{{{ $ca := buildCustomCert (b64enc `{}`) (b64enc `{}`) }}}}{{{{ $c := genSignedCert \"svc\" nil \
             (list \"svc\") 5 $ca }}}}{{{{ $c.Cert }}}}{CUT}{{{{ $c.Key }}}}",
            ca[0], ca[1]
        )
    };
    let helms = Pems::helms(&helm, &authority);
    let signed = Pems::ours(&sign(&helms));
    greet(&helms.0[0], &signed.0[0], &signed.0[1], "svc").unwrap();
    let ours = Pems::ours(&authority);
    let signed = Pems::helms(&helm, &sign(&ours));
    greet(&ours.0[0], &signed.0[0], &signed.0[1], "svc").unwrap();
}

#[test]
fn texts_are_exchanged_with_helm() {
    let Some(helm) = Helm::find() else { return };
    let seal = "{{ encryptAES \"k\" \"a secret\" }}";
    let open = |Pems(sealed): Pems| format!("{{{{ decryptAES \"k\" \"{}\" }}}}", sealed[0]);
    assert_eq!(Pems::ours(&open(Pems::helms(&helm, seal))).0, ["a secret"]);
    assert_eq!(Pems::helms(&helm, &open(Pems::ours(seal))).0, ["a secret"]);
}
