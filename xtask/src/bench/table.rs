//! Tables of figures: for the terminal, and as Markdown.

/// A head and rows of as many cells.
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Aligned columns.
    pub(super) fn text(&self) -> String {
        let mut widths = vec![0; self.head.len()];
        let all = || std::iter::once(&self.head).chain(&self.rows);
        for row in all() {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        all().map(line).collect::<Vec<_>>().join("\n")
    }

    /// A Markdown table.
    pub(super) fn markdown(&self) -> String {
        let line = |row: &Vec<String>| format!("| {} |", row.join(" | "));
        let mut lines = vec![line(&self.head), format!("|{}", "---|".repeat(self.head.len()))];
        lines.extend(self.rows.iter().map(line));
        lines.join("\n")
    }
}
