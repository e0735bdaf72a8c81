//! 基本的な使い方: logging in, pushing, pulling.

use super::{DOCKER_HUB_KEY, ECR, WITH_TOKEN, mychart, nothing};
use crate::names::DOCKER_HUB;
use crate::walk::{Block, How, Step, needs_cluster, run};

pub(crate) const BASICS: &[Block] = &[
    Block {
        heading: "基本的な使い方 / 1. レジストリへの認証",
        given: nothing,
        environment: WITH_TOKEN,
        steps: &[
            Step {
                text: "# Docker Hubの場合\nhelm registry login registry-1.docker.io",
                how: How::Asked {
                    text: "helm registry login registry-1.docker.io",
                    dialogue: &[("Username: ", DOCKER_HUB.user), ("Password: ", DOCKER_HUB.password)],
                },
            },
            run("# GitHub Container Registryの場合\n\
                 echo $GITHUB_TOKEN | helm registry login ghcr.io --username your-username --password-stdin"),
            run("# AWS ECRの場合（aws-cli必要）\n\
                 aws ecr get-login-password --region us-east-1 | helm registry login --username AWS \
                 --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com"),
            run("# Azure Container Registryの場合\n\
                 helm registry login myregistry.azurecr.io --username myuser --password mypassword"),
        ],
        then: |checks| {
            for key in [DOCKER_HUB_KEY, "ghcr.io", ECR, "myregistry.azurecr.io"] {
                checks.login(key, true);
            }
            for run in checks.runs {
                assert!(run.stdout.contains("Login Succeeded"), "{run:?}");
            }
            // Both warn of a password that everybody can see.
            assert!(checks.runs.last().unwrap().stderr.contains("--password-stdin"));
        },
    },
    Block {
        heading: "基本的な使い方 / 2. チャートのプッシュ",
        given: |desk| {
            mychart(desk);
            desk.archive("anotherchart", "1.2.3");
        },
        environment: &[],
        steps: &[
            run("# 1. チャートをパッケージ化\nhelm package mychart"),
            run("# 2. OCI registryにプッシュ\n\
                 helm push mychart-0.1.0.tgz oci://registry-1.docker.io/myusername"),
            run("# 3. 複数のチャートをプッシュ\nhelm push mychart-0.1.0.tgz oci://ghcr.io/myorg/charts"),
            run("helm push anotherchart-1.2.3.tgz oci://ghcr.io/myorg/charts"),
        ],
        then: |checks| {
            checks.appeared(&["mychart-0.1.0.tgz"]);
            checks.tagged("myusername/mychart", "0.1.0");
            checks.tagged("myorg/charts/mychart", "0.1.0");
            checks.tagged_exactly("myorg/charts/anotherchart", "1.2.3");
            for repository in ["myusername/mychart", "myorg/charts/mychart"] {
                checks.tags_are(repository, &["0.1.0"]);
                checks.saved("mychart-0.1.0.tgz", repository, "0.1.0");
            }
            checks.saved("anotherchart-1.2.3.tgz", "myorg/charts/anotherchart", "1.2.3");
        },
    },
    Block {
        heading: "基本的な使い方 / 3. チャートのプル",
        given: nothing,
        environment: &[],
        steps: &[
            run("# OCI registryからチャートをpull\n\
                 helm pull oci://registry-1.docker.io/myusername/mychart --version 0.1.0"),
            run("# 展開してpull\nhelm pull oci://ghcr.io/myorg/charts/mychart --version 0.1.0 --untar"),
        ],
        then: |checks| {
            checks.saved("mychart-0.1.0.tgz", "myusername/mychart", "0.1.0");
            checks.appeared(&["mychart", "mychart-0.1.0.tgz"]);
            assert_eq!(checks.desk.read("mychart/values.yaml"), b"replicas: 1\n");
            let chart = String::from_utf8(checks.desk.read("mychart/Chart.yaml")).unwrap();
            assert!(chart.contains("version: 0.1.0\n"), "{chart}");
        },
    },
    Block {
        heading: "基本的な使い方 / 4. チャートのインストール",
        given: nothing,
        environment: &[],
        steps: &[
            needs_cluster(
                "# OCI registryから直接インストール\n\
                 helm install my-release oci://registry-1.docker.io/myusername/mychart --version 0.1.0",
            ),
            needs_cluster(
                "# GitHub Container Registryからインストール\n\
                 helm install my-app oci://ghcr.io/myorg/charts/myapp --version 1.2.3",
            ),
        ],
        then: |_| {},
    },
];
