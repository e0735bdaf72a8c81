//! Calls as Helm makes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chartroom_test_support::Peer;

use crate::golden::{Golden, Outcome};
use crate::ours::{FILE, reason};

/// The values of the chart.
pub(crate) const VALUES: &str =
    "text: abc\nnumber: 7\nfloat: 1.5\nflag: true\nlist: [b, a, null]\nmap: {a: 1, b: {c: d}}\n";

/// Writes the answers, which may be any bytes, a line for each.
const ANSWERS: &str = r#"{{ range $index, $_ := until (.Files.Get "count" | atoi) }}
call{{ $index }}: {{ include (printf "call %d" $index) $ | b64enc | quote }}
{{- end }}"#;

pub(crate) struct Helm(Peer);

impl Helm {
    pub(crate) fn find() -> Option<Self> {
        let helm = Peer::find("helm-4.3.1")?;
        helm.write("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
        helm.write("c/values.yaml", VALUES);
        Some(Self(helm))
    }

    /// Asks about many calls: all at once as long as none fails, and about those that do one by one.
    pub(crate) fn ask(&self, exprs: &[&str]) -> Vec<Outcome> {
        let mut outcomes = exprs.iter().map(|_| None).collect::<Vec<_>>();
        loop {
            let open = (0..exprs.len()).filter(|&index| outcomes[index].is_none()).collect::<Vec<_>>();
            let calls = open.iter().map(|&index| exprs[index]).collect::<Vec<_>>();
            match self.all_at_once(&calls) {
                Ok(answers) => {
                    for (&index, answer) in open.iter().zip(answers) {
                        outcomes[index] = Some(Outcome::Bytes(answer));
                    }
                    return outcomes.into_iter().flatten().collect();
                }
                Err(failing) => {
                    let index = open[failing];
                    outcomes[index] = Some(Outcome::Error(self.error(exprs[index])));
                }
            }
        }
    }

    /// What is written for each call, or which one fails.
    fn all_at_once(&self, exprs: &[&str]) -> Result<Vec<Vec<u8>>, usize> {
        for (index, expr) in exprs.iter().enumerate() {
            let define = format!("{{{{ define \"call {index}\" }}}}{}{{{{ end }}}}", Golden::template(expr));
            self.0.write(&format!("c/templates/_{index}.tpl"), define);
        }
        self.0.write("c/count", exprs.len().to_string());
        self.0.write("c/templates/t.yaml", ANSWERS);
        let outcome = self.0.run(&["template", "c"]);
        for index in 0..exprs.len() {
            std::fs::remove_file(self.0.home().join(format!("c/templates/_{index}.tpl"))).unwrap();
        }
        if !outcome.status.success() {
            // The innermost template is told last.
            let (_, rest) = outcome.stderr.rsplit_once("c/templates/_").expect(&outcome.stderr);
            let (index, _) = rest.split_once(".tpl").expect(rest);
            return Err(index.parse().expect(index));
        }
        let lines = outcome.stdout.lines().filter(|line| line.starts_with("call"));
        let lines = lines.map(|line| line.split('"').nth(1).expect("a text in quotes"));
        let answers = lines.map(|line| STANDARD.decode(line).unwrap()).collect::<Vec<_>>();
        assert_eq!(answers.len(), exprs.len());
        Ok(answers)
    }

    /// Why a call fails.
    fn error(&self, expr: &str) -> String {
        self.0.write("c/templates/t.yaml", Golden::template(expr));
        let outcome = self.0.run(&["template", "c"]);
        assert!(!outcome.status.success(), "{expr} doesn't fail alone");
        let error = outcome.stderr.replace("\n\nUse --debug flag to render out invalid YAML\n", "");
        let error = reason(error.trim_end());
        assert!(!error.contains(FILE), "{error}");
        // Helm sets some errors in lines of their own.
        error.replacen(">:\n    ", ">: ", 1)
    }
}
