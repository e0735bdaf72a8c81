//! 利用可能なコマンド: the commands with their forms and examples.

use super::mychart;
use crate::walk::{Block, How, Step, instead, needs_cluster, run};

/// Why a form of a command is not run.
const FORM: &str =
    "a form with [placeholders], not a command: the command's help is run, which has to know it";

pub(crate) const REFERENCE: &[Block] = &[
    Block {
        heading: "利用可能なコマンド / helm registryコマンド",
        given: |_| {},
        environment: &[],
        steps: &[
            instead(
                "# レジストリにログイン\nhelm registry login [OPTIONS] [HOSTNAME]",
                FORM,
                "helm registry login --help",
            ),
            instead(
                "# レジストリからログアウト\nhelm registry logout [HOSTNAME]",
                FORM,
                "helm registry logout --help",
            ),
            instead(
                "",
                "every later block needs a login at this host, which the guide has from its section on security",
                "helm registry login registry.example.com --username myuser --password mypassword",
            ),
        ],
        then: |checks| {
            for flag in ["--username", "--password", "--password-stdin"] {
                assert!(checks.runs[0].stdout.contains(flag), "{flag}");
            }
            assert!(checks.runs[1].stdout.contains("logout"));
            checks.login("registry.example.com", true);
        },
    },
    Block {
        heading: "利用可能なコマンド / helm pushコマンド",
        given: |desk| desk.archive("mychart", "0.1.0"),
        environment: &[],
        steps: &[
            instead(
                "# チャートをOCI registryにプッシュ\nhelm push [chart] [remote] [flags]",
                FORM,
                "helm push --help",
            ),
            run("# 使用例\nhelm push mychart-0.1.0.tgz oci://registry.example.com/charts"),
        ],
        then: |checks| {
            checks.tagged_exactly("charts/mychart", "0.1.0");
            checks.saved("mychart-0.1.0.tgz", "charts/mychart", "0.1.0");
        },
    },
    Block {
        heading: "利用可能なコマンド / helm pullコマンド（OCI対応）",
        given: |_| {},
        environment: &[],
        steps: &[
            run("# OCI registryからチャートをpull\n\
                 helm pull oci://registry.example.com/charts/mychart --version 0.1.0"),
            instead(
                "# オプション\n--version    # 特定バージョンを指定\n--untar      # 展開して保存\n\
                 --destination # 保存先ディレクトリ",
                "options alone are no command; all three in one",
                "mkdir there; helm pull oci://registry.example.com/charts/mychart --version 0.1.0 --untar \
                 --destination there",
            ),
        ],
        then: |checks| {
            checks.saved("mychart-0.1.0.tgz", "charts/mychart", "0.1.0");
            checks.appeared(&["mychart-0.1.0.tgz", "there"]);
            assert_eq!(checks.desk.read("there/mychart/values.yaml"), b"replicas: 1\n");
        },
    },
    Block {
        heading: "利用可能なコマンド / helm installコマンド（OCI対応）",
        given: mychart,
        environment: &[],
        steps: &[
            Step {
                text: "# OCI registryから直接インストール\n\
                       helm install [NAME] oci://[REGISTRY]/[REPOSITORY]/[CHART] [flags]",
                how: How::Shown,
            },
            needs_cluster(
                "# 使用例\nhelm install myapp oci://registry.example.com/charts/webapp --version 1.0.0",
            ),
        ],
        then: |_| {},
    },
];
