//! Tables as Helm prints them: columns as wide as what is in them, filled up with spaces, with a tab
//! between each two, and cut where they would be too wide.

use unicode_width::UnicodeWidthChar as _;

/// Character sets of East Asia apart from UTF-8, as locales name them.
const CHARSETS: [&str; 11] =
    ["big5", "cp932", "cp936", "cp949", "cp950", "euccn", "eucjp", "euckr", "gb2312", "gbk", "sjis"];

/// Columns for the rows, of which the first may be headings. The widest that a column may be is given in
/// letters; 0 is as wide as it takes.
pub(crate) fn render<const N: usize>(rows: &[[String; N]], most: u64) -> String {
    render_in(rows, most, Letters::of_locale())
}

fn render_in<const N: usize>(rows: &[[String; N]], most: u64, letters: Letters) -> String {
    let most = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let own = cell.split('\n').map(|line| letters.width(line)).max().unwrap_or(0);
            *width = (*width).max(own.min(most));
        }
    }
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        // A cell of several lines is cut as a whole, and only then taken apart.
        let fitted: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| letters.fit(cell, width)).collect();
        let height = fitted.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(1);
        let mut parts: Vec<_> = fitted.iter().map(|cell| cell.split('\n')).collect();
        for _ in 0..height {
            let line = parts.iter_mut().zip(widths);
            let line = line.map(|(part, width)| letters.fit(part.next().unwrap_or_default(), width));
            lines.push(line.collect::<Vec<_>>().join("\t"));
        }
    }
    lines.join("\n")
}

/// How wide letters are.
#[derive(Clone, Copy, Debug)]
struct Letters {
    /// Whether letters that are wide in East Asia only (such as `…`) are wide.
    east_asian: bool,
}

impl Letters {
    /// As the terminal's language has it.
    fn of_locale() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(said) = variable("RUNEWIDTH_EASTASIAN") {
            return Self { east_asian: said == "1" };
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
        let charset = locale.split_once('.').map_or(locale.as_str(), |(_, charset)| charset);
        let (charset, variant) = charset.split_once('@').unwrap_or((charset, ""));
        let charset = charset.to_ascii_lowercase().replace('-', "");
        let language = ["ja", "ko", "zh"].iter().any(|language| locale.starts_with(language));
        let wide = if charset == "utf8" { language } else { CHARSETS.contains(&charset.as_str()) };
        Self { east_asian: wide && variant != "cjk_narrow" }
    }

    /// As wide as its letters are one by one, whatever a terminal makes of them together.
    fn width(self, text: &str) -> usize {
        text.chars().map(|letter| self.one(letter)).sum()
    }

    fn one(self, letter: char) -> usize {
        let width = if self.east_asian { letter.width_cjk() } else { letter.width() };
        width.unwrap_or(0)
    }

    /// Fills a text up with spaces, or cuts it.
    fn fit(self, text: &str, width: usize) -> String {
        let own = self.width(text);
        if own <= width {
            return format!("{text}{:1$}", "", width - own);
        }
        let mut cut = String::new();
        let mut taken = 0;
        for letter in text.chars() {
            cut.push(letter);
            taken += self.one(letter);
            // There is one letter at least, however narrow the column is.
            if taken + 3 >= width {
                break;
            }
        }
        cut + "..."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(rows: &[[&str; 2]], most: u64, east_asian: bool) -> String {
        let rows: Vec<_> = rows.iter().map(|row| row.map(str::to_owned)).collect();
        render_in(&rows, most, Letters { east_asian })
    }

    #[test]
    fn columns_are_helms() {
        let rows =
            [["NAME", "DESCRIPTION"], ["web", ""], ["longdesc", "日本語の説明 This is a very long one"]];
        assert_eq!(
            rendered(&rows, 20, false),
            "NAME    \tDESCRIPTION         \nweb     \t                    \nlongdesc\t日本語の説明 This..."
        );
        assert_eq!(rendered(&rows[..2], 0, false), "NAME\tDESCRIPTION\nweb \t           ");
        assert_eq!(rendered(&rows[1..], 3, false), "web\t   \nl...\t日...");
        // A thumb and its colour are two letters.
        assert_eq!(rendered(&[["👍🏽", "a"], ["bb", "c"]], 0, false), "👍🏽\ta\nbb  \tc");
        assert_eq!(rendered(&[["…", "a"], ["bb", "c"]], 0, true), "…\ta\nbb\tc");
        assert_eq!(rendered(&[["…", "a"], ["bb", "c"]], 0, false), "… \ta\nbb\tc");
        assert_eq!(rendered(&[["a\nbcd", "x"]], 0, false), "a...\tx");
        assert_eq!(
            rendered(&[["multi\nline desc", "x"], ["Rollback to 1", "y"]], 0, false),
            "multi        \tx\nline ...     \t \nRollback to 1\ty"
        );
    }
}
