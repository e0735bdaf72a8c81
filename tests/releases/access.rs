//! Ways to the cluster: files, contexts, flags, variables, certificates, programs that give tokens.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::desk::Desk;

/// A desk with one release.
fn desk() -> Option<Desk> {
    let desk = Desk::new()?;
    desk.chart();
    desk.stock("install web web");
    Some(desk)
}

#[test]
fn a_client_certificate_lets_in() {
    let Some(desk) = desk() else { return };
    let (certificate, key) = desk.server.client_certificate();
    let user = json!({
        "client-certificate-data": STANDARD.encode(certificate),
        "client-key-data": STANDARD.encode(key),
    });
    desk.write("certificate.yaml", &desk.server.kubeconfig_of(&user, &desk.namespace));
    assert_eq!(desk.same("list -q --kubeconfig certificate.yaml").stdout, "web\n");
}

#[test]
fn a_program_gives_a_token() {
    let Some(desk) = desk() else { return };
    let credential = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": desk.server.token()},
    });
    desk.write("give", &format!("#!/bin/sh\nprintf '%s' '{credential}'\n"));
    fs::set_permissions(desk.path("give"), fs::Permissions::from_mode(0o755)).unwrap();
    let user = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "./give", "interactiveMode": "Never",
    }});
    desk.write("exec.yaml", &desk.server.kubeconfig_of(&user, &desk.namespace));
    assert_eq!(desk.same("list -q --kubeconfig exec.yaml").stdout, "web\n");
}

#[test]
fn flags_and_variables_go_before_files() {
    let Some(desk) = desk() else { return };
    let namespace = &desk.namespace;
    desk.write("root.crt", desk.server.authority());
    let (url, token) = (desk.server.url(), desk.server.token());
    let flags = format!("--kube-apiserver {url} --kube-token {token} --kube-ca-file root.crt -n {namespace}");
    fs::rename(desk.path("kubeconfig"), desk.path("other.yaml")).unwrap();
    assert_eq!(desk.same(&format!("list -q {flags}")).stdout, "web\n");
    let insecure = flags.replace("--kube-ca-file root.crt", "--kube-insecure-skip-tls-verify");
    assert_eq!(desk.same(&format!("list -q {insecure}")).stdout, "web\n");
    let named = format!("{flags} --kube-tls-server-name other-name.test");
    assert_eq!(desk.same(&format!("list -q {named}")).stdout, "web\n");
    let mut command = desk.our_command("list -q");
    command.envs([("HELM_KUBEAPISERVER", url.as_str()), ("HELM_KUBETOKEN", token)]);
    command.envs([("HELM_KUBECAFILE", "root.crt"), ("HELM_NAMESPACE", namespace)]);
    assert_eq!(command.output().unwrap().stdout, b"web\n");
    // A wrong name is refused.
    let wrong = desk.ours(&format!("list -q {flags} --kube-tls-server-name wrong.test"));
    assert!(!wrong.status.success(), "{wrong:?}");
}

#[test]
fn contexts_choose_the_namespace() {
    let Some(desk) = desk() else { return };
    let config = fs::read_to_string(desk.path("kubeconfig")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    config["contexts"].as_array_mut().unwrap().push(json!(
        {"name": "elsewhere", "context": {"cluster": "test", "user": "test", "namespace": "nosuch"}}
    ));
    desk.write("kubeconfig", &config.to_string());
    assert_eq!(desk.same("list -q --kube-context elsewhere").stdout, "");
    assert_eq!(desk.same("list -q --kube-context test").stdout, "web\n");
    desk.same("list -q --kube-context nosuch");
}

#[test]
fn who_may_not_is_told_so() {
    let Some(desk) = desk() else { return };
    let clerk = json!({"token": desk.server.clerk_token()});
    desk.write("clerk.yaml", &desk.server.kubeconfig_of(&clerk, &desk.namespace));
    for line in ["list", "history web", "status web", "get values web", "get values web --revision 1"] {
        let refused = desk.same(&format!("{line} --kubeconfig clerk.yaml"));
        assert!(refused.stderr.contains("forbidden"), "{refused:?}");
    }
    // The admin acts as the clerk.
    desk.same("list --kube-as-user clerk --kube-as-group clerks");
    let wrong = json!({"token": "wrong"});
    desk.write("wrong.yaml", &desk.server.kubeconfig_of(&wrong, &desk.namespace));
    desk.same("list --kubeconfig wrong.yaml");
}
