//! Which texts YAML 1.1 takes for dates.
//!
//! go-yaml reads them as text, and writes such text in quotes, so that others don't take it for
//! a date either. It is Go's `time.Parse` that decides.

/// Whether a text is a date, with or without a time: `2001-12-14`, `2001-12-14t21:59:43.10-05:00`,
/// `2001-12-14 21:59:43`.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && text.as_bytes().get(4) == Some(&b'-') && Cursor(text).timestamp().is_some()
}

struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn timestamp(&mut self) -> Option<()> {
        let year: u32 = self.0[..4].parse().ok()?;
        self.0 = &self.0[5..];
        let month = self.number()?;
        self.literal('-')?;
        let day = self.number()?;
        if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
            return None;
        }
        if self.0.is_empty() {
            return Some(());
        }
        let zoned = self.0.starts_with(['T', 't']);
        if !zoned {
            // Go's layouts take any number of spaces for one.
            let spaces = self.0.len() - self.0.trim_start_matches(' ').len();
            self.0 = &self.0[spaces..];
            if spaces == 0 {
                return None;
            }
        } else {
            self.0 = &self.0[1..];
        }
        let hour = self.number()?;
        self.literal(':')?;
        let minute = self.number()?;
        self.literal(':')?;
        let second = self.number()?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        self.fraction();
        if zoned {
            self.zone()?;
        }
        self.0.is_empty().then_some(())
    }

    /// One or two digits.
    fn number(&mut self) -> Option<u32> {
        let length = self.0.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let number = self.0[..length].parse().ok()?;
        self.0 = &self.0[length..];
        Some(number)
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn fraction(&mut self) {
        if let Some(rest) = self.0.strip_prefix(['.', ',']) {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            if length > 0 {
                self.0 = &rest[length..];
            }
        }
    }

    fn zone(&mut self) -> Option<()> {
        if let Some(rest) = self.0.strip_prefix('Z') {
            self.0 = rest;
            return Some(());
        }
        let [b'+' | b'-', h1, h2, b':', m1, m2, ..] = self.0.as_bytes() else { return None };
        if ![h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit) {
            return None;
        }
        let hours = (h1 - b'0') * 10 + (h2 - b'0');
        let minutes = (m1 - b'0') * 10 + (m2 - b'0');
        self.0 = &self.0[6..];
        (hours <= 24 && minutes <= 60).then_some(())
    }
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn dates_and_times() {
        for text in [
            "2001-12-14",
            "2001-1-2",
            "2001-12-14T21:59:43Z",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-14 21:59:43.10",
            "2000-02-29",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in ["2001-12", "2001-13-01", "2001-02-29", "01-02-03", "2001-12-14 21:59:43 -5", "2001-1-2x"]
        {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
