//! 具体的な実装例: Docker Hub, GitHub, AWS and Azure, each from the login to the installed chart.

use super::{DOCKER_HUB_KEY, ECR, mychart, nothing};
use crate::names::DOCKER_HUB;
use crate::walk::{Block, How, Step, needs_cluster, own_words, run};

pub(crate) const EXAMPLES: &[Block] = &[
    Block {
        heading: "具体的な実装例 / Docker Hubを使用した例",
        given: nothing,
        environment: &[],
        steps: &[
            Step {
                text: "# 1. Docker Hubにログイン\nhelm registry login registry-1.docker.io\n\
                       Username: mydockerhubuser\nPassword: [パスワードまたはアクセストークン]",
                how: How::Asked {
                    text: "helm registry login registry-1.docker.io",
                    dialogue: &[("Username: ", DOCKER_HUB.user), ("Password: ", DOCKER_HUB.password)],
                },
            },
            run("# 2. チャートの準備\nhelm create webapp"),
            run("helm package webapp"),
            run("# 3. Docker Hubにプッシュ\n\
                 helm push webapp-0.1.0.tgz oci://registry-1.docker.io/mydockerhubuser"),
            own_words(
                "# 4. プッシュされたチャートを確認\n\
                 helm show chart oci://registry-1.docker.io/mydockerhubuser/webapp --version 0.1.0",
            ),
            needs_cluster(
                "# 5. チャートをインストール\nhelm install my-webapp \
                 oci://registry-1.docker.io/mydockerhubuser/webapp --version 0.1.0",
            ),
        ],
        then: |checks| {
            checks.login(DOCKER_HUB_KEY, true);
            checks.appeared(&["webapp", "webapp-0.1.0.tgz"]);
            checks.tagged_scaffold("mydockerhubuser/webapp", "0.1.0");
            checks.saved("webapp-0.1.0.tgz", "mydockerhubuser/webapp", "0.1.0");
            let shown = &checks.runs.last().unwrap().stdout;
            assert!(shown.contains("name: webapp\n") && shown.contains("version: 0.1.0\n"), "{shown}");
        },
    },
    Block {
        heading: "具体的な実装例 / GitHub Container Registry (GHCR) を使用した例",
        given: mychart,
        environment: &[],
        steps: &[
            run("# 1. GitHubトークンを設定\nexport GITHUB_TOKEN=\"ghp_xxxxxxxxxxxxxxxxxxxx\""),
            run("# 2. GHCRにログイン\n\
                 echo $GITHUB_TOKEN | helm registry login ghcr.io --username myusername --password-stdin"),
            run("# 3. チャートをプッシュ\nhelm package mychart"),
            run("helm push mychart-0.1.0.tgz oci://ghcr.io/myusername/helm-charts"),
            run(
                "# 4. 組織のリポジトリにプッシュ\nhelm push mychart-0.1.0.tgz oci://ghcr.io/myorganization/charts",
            ),
            needs_cluster(
                "# 5. プライベートリポジトリからインストール\n\
                 helm install my-app oci://ghcr.io/myorganization/charts/mychart --version 0.1.0",
            ),
        ],
        then: |checks| {
            checks.login("ghcr.io", true);
            for repository in ["myusername/helm-charts/mychart", "myorganization/charts/mychart"] {
                checks.tagged(repository, "0.1.0");
                checks.saved("mychart-0.1.0.tgz", repository, "0.1.0");
            }
        },
    },
    Block {
        heading: "具体的な実装例 / AWS ECRを使用した例",
        given: mychart,
        environment: &[],
        steps: &[
            run("# 1. ECRレジストリの作成\n\
                 aws ecr create-repository --repository-name helm-charts --region us-east-1"),
            run("# 2. ECRにログイン\n\
                 aws ecr get-login-password --region us-east-1 | \\\n  \
                 helm registry login --username AWS --password-stdin \\\n  \
                 123456789012.dkr.ecr.us-east-1.amazonaws.com"),
            run("# 3. チャートをプッシュ\nhelm package mychart"),
            run("helm push mychart-0.1.0.tgz oci://123456789012.dkr.ecr.us-east-1.amazonaws.com/helm-charts"),
            needs_cluster(
                "# 4. ECRからインストール\nhelm install my-app \
                 oci://123456789012.dkr.ecr.us-east-1.amazonaws.com/helm-charts/mychart --version 0.1.0",
            ),
        ],
        then: |checks| {
            checks.login(ECR, true);
            checks.tagged("helm-charts/mychart", "0.1.0");
            checks.saved("mychart-0.1.0.tgz", "helm-charts/mychart", "0.1.0");
        },
    },
    Block {
        heading: "具体的な実装例 / Azure Container Registry (ACR) を使用した例",
        given: mychart,
        environment: &[],
        steps: &[
            run("# 1. ACRレジストリの作成\n\
                 az acr create --resource-group myResourceGroup --name myregistry --sku Basic"),
            run("# 2. ACRにログイン\naz acr login --name myregistry"),
            run(
                "# または\nhelm registry login myregistry.azurecr.io --username myuser --password mypassword",
            ),
            run("# 3. チャートをプッシュ\nhelm package mychart"),
            run("helm push mychart-0.1.0.tgz oci://myregistry.azurecr.io/helm-charts"),
            needs_cluster(
                "# 4. ACRからインストール\n\
                 helm install my-app oci://myregistry.azurecr.io/helm-charts/mychart --version 0.1.0",
            ),
        ],
        then: |checks| {
            checks.login("myregistry.azurecr.io", true);
            checks.tagged("helm-charts/mychart", "0.1.0");
            checks.saved("mychart-0.1.0.tgz", "helm-charts/mychart", "0.1.0");
        },
    },
];
