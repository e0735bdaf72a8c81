//! ベストプラクティス: names, versions, passwords, automation.

use crate::names::MY_BASIC;
use crate::walk::{Block, How, Step, helm_fails, instead, run};

/// `push-charts.sh`, as the guide has it.
pub(crate) const PUSH_CHARTS: &str = r##"#!/bin/bash
# push-charts.sh

REGISTRY="oci://ghcr.io/myorg/charts"
CHARTS_DIR="charts"

for chart_dir in $CHARTS_DIR/*/; do
  if [ -f "$chart_dir/Chart.yaml" ]; then
    chart_name=$(basename "$chart_dir")
    echo "Packaging $chart_name..."
    
    helm package "$chart_dir"
    
    chart_version=$(helm show chart "$chart_dir" | grep '^version:' | awk '{print $2}')
    chart_file="${chart_name}-${chart_version}.tgz"
    
    echo "Pushing $chart_file to $REGISTRY..."
    helm push "$chart_file" "$REGISTRY"
    
    rm "$chart_file"
  fi
done
"##;

/// Why a reference is not run as it stands.
const NAME: &str = "a reference, not a command: a chart is pushed so that it stands there, and is shown";

/// A name of the guide, and what is done with it.
macro_rules! named {
    ($comment:literal, $folder:literal, $chart:literal) => {
        instead(
            concat!($comment, "oci://registry.example.com/", $folder, "/", $chart),
            NAME,
            concat!(
                "helm push ",
                $chart,
                "-1.0.0.tgz oci://registry.example.com/",
                $folder,
                " && helm show chart oci://registry.example.com/",
                $folder,
                "/",
                $chart,
                " --version 1.0.0"
            ),
        )
    };
}

pub(crate) const PRACTICE: &[Block] = &[
    Block {
        heading: "ベストプラクティス / 1. 適切な命名規則",
        given: |desk| {
            for name in ["webapp", "database", "monitoring"] {
                desk.archive(name, "1.0.0");
            }
        },
        environment: &[],
        steps: &[
            named!("# 組織/プロジェクト別の命名\n", "myorg/charts", "webapp"),
            named!("", "myorg/charts", "database"),
            named!("", "myorg/charts", "monitoring"),
            named!("# 環境別の命名\n", "charts/prod", "webapp"),
            named!("", "charts/staging", "webapp"),
            named!("", "charts/dev", "webapp"),
        ],
        then: |checks| {
            for repository in [
                "myorg/charts/webapp",
                "myorg/charts/database",
                "myorg/charts/monitoring",
                "charts/prod/webapp",
                "charts/staging/webapp",
                "charts/dev/webapp",
            ] {
                checks.tagged_exactly(repository, "1.0.0");
            }
        },
    },
    Block {
        heading: "ベストプラクティス / 2. バージョン管理",
        given: |desk| {
            for version in ["1.0.0", "1.1.0", "2.0.0", "1.1.0-beta.1"] {
                desk.archive("webapp", version);
            }
        },
        environment: &[],
        steps: &[
            run("# セマンティックバージョニング\n\
                 helm push webapp-1.0.0.tgz oci://registry.example.com/charts"),
            run("helm push webapp-1.1.0.tgz oci://registry.example.com/charts"),
            run("helm push webapp-2.0.0.tgz oci://registry.example.com/charts"),
            helm_fails(
                "# タグによる管理\n\
                 helm push webapp-1.0.0.tgz oci://registry.example.com/charts/webapp:stable",
                "invalid reference: invalid tag \"stable/webapp:1.0.0\"",
            ),
            helm_fails(
                "helm push webapp-1.1.0-beta.1.tgz oci://registry.example.com/charts/webapp:beta",
                "invalid reference: invalid tag \"beta/webapp:1.1.0-beta.1\"",
            ),
        ],
        then: |checks| {
            for version in ["1.0.0", "1.1.0", "2.0.0"] {
                checks.tagged_exactly("charts/webapp", version);
                checks.saved(&format!("webapp-{version}.tgz"), "charts/webapp", version);
            }
            if checks.is_helm() {
                checks.tags_are("charts/webapp", &["1.0.0", "1.1.0", "2.0.0"]);
            } else {
                let tags = ["1.0.0", "1.1.0", "1.1.0-beta.1", "2.0.0", "beta", "stable"];
                checks.tags_are("charts/webapp", &tags);
                checks.same("charts/webapp", "stable", "1.0.0");
                checks.same("charts/webapp", "beta", "1.1.0-beta.1");
                checks.saved("webapp-1.1.0-beta.1.tgz", "charts/webapp", "beta");
            }
        },
    },
    Block {
        heading: "ベストプラクティス / 3. セキュリティ",
        given: |desk| {
            // As `docker login` leaves it.
            let docker = format!(
                "{{\n\t\"auths\": {{\n\t\t\"registry.example.com\": {{\n\t\t\t\"auth\": \"{MY_BASIC}\"\n\t\t}}\n\t}}\n}}"
            );
            desk.place.desk(".docker").write("config.json", docker);
            desk.archive("mychart", "0.1.0");
        },
        environment: &[],
        steps: &[
            instead(
                "",
                "the login of before would hide whether this one succeeds",
                "helm registry logout registry.example.com",
            ),
            run("# 認証情報の安全な管理\n\
                 export REGISTRY_PASSWORD=\"$(cat ~/.docker/config.json | jq -r \
                 '.auths[\"registry.example.com\"].auth' | base64 -d | cut -d: -f2)\""),
            run("echo $REGISTRY_PASSWORD | helm registry login registry.example.com --username myuser \
                 --password-stdin"),
            instead(
                "",
                "the guide takes the login at the next host for granted",
                "echo $REGISTRY_PASSWORD | helm registry login private-registry.company.com --username myuser \
                 --password-stdin",
            ),
            run("# プライベートレジストリの使用\n\
                 helm push mychart-0.1.0.tgz oci://private-registry.company.com/charts"),
        ],
        then: |checks| {
            checks.login("registry.example.com", true);
            checks.login("private-registry.company.com", true);
            checks.tagged_exactly("charts/mychart", "0.1.0");
        },
    },
    Block {
        heading: "ベストプラクティス / 4. 自動化",
        given: |desk| {
            desk.chart("charts/frontend", "0.3.0");
            desk.chart("charts/backend", "1.2.3+build.5");
            desk.write("charts/no-chart/README.md", "not a chart\n");
            desk.write("push-charts.sh", desk.place.typed(PUSH_CHARTS));
        },
        environment: &[],
        steps: &[instead(PUSH_CHARTS, "the guide shows the file; this runs it", "bash ./push-charts.sh")],
        then: |checks| {
            checks.tagged("myorg/charts/frontend", "0.3.0");
            checks.tagged("myorg/charts/backend", "1.2.3_build.5");
            checks.appeared(&[]);
        },
    },
    Block {
        heading: "トラブルシューティング / 1. 認証エラー",
        given: |_| {},
        environment: &[],
        steps: &[
            Step { text: "Error: failed to authorize: failed to fetch oauth token", how: How::Shown },
            run("# 再度ログイン\nhelm registry logout registry.example.com"),
            Step {
                text: "helm registry login registry.example.com",
                how: How::Asked {
                    text: "helm registry login registry.example.com",
                    dialogue: &[("Username: ", "myuser"), ("Password: ", "mypassword")],
                },
            },
            run("# 認証情報の確認\ncat ~/.docker/config.json"),
        ],
        then: |checks| {
            checks.login("registry.example.com", true);
            assert!(checks.runs.last().unwrap().stdout.contains(MY_BASIC));
        },
    },
    Block {
        heading: "トラブルシューティング / 3. チャートが見つからない",
        given: |_| {},
        environment: &[],
        steps: &[Step {
            text: "# チャートの存在確認（レジストリのWeb UIまたはAPI）\n# 正確なURL・バージョンを確認\n\n\
                   # 利用可能なタグの確認（レジストリ固有のコマンド）\ndocker run --rm -it alpine/helm:latest \
                   registry-cli list oci://registry.example.com/charts/mychart",
            how: How::HelmFails {
                says: "registry-cli",
                chartroom: Some("helm tags oci://registry.example.com/charts/mychart --short"),
            },
        }],
        then: |checks| {
            if !checks.is_helm() {
                assert_eq!(checks.runs[0].stdout, "0.1.0\n");
            }
        },
    },
];
