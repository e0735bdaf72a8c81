//! The calendar: seconds to dates and back, in the proleptic Gregorian calendar of Go's `time`.

const SECONDS_A_DAY: i64 = 86_400;
/// The calendar repeats itself after 400 years.
const DAYS_AN_ERA: i64 = 146_097;
/// From the first of March of the year 0 to the first of January 1970.
const EPOCH_IN_ERAS: i64 = 719_468;

/// How many seconds before 1970 the first day is that Go can count from.
const BEGINNING: u64 = 9223372028741760000;

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A date and a time of day, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u8,
    /// From 1.
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    /// From 1.
    pub(crate) day_of_year: u16,
    /// 0 is Sunday.
    pub(crate) weekday: u8,
}

impl Civil {
    /// The date so many seconds after the start of 1970.
    pub(crate) fn from_unix(seconds: i64) -> Self {
        // Go counts from long ago, in 64 bits; what is even before that comes out far in the future.
        let since_beginning = seconds.cast_unsigned().wrapping_add(BEGINNING);
        let day = SECONDS_A_DAY.unsigned_abs();
        let days = (since_beginning / day).cast_signed() - (BEGINNING / day).cast_signed();
        let rest = (since_beginning % day).cast_signed();
        // Years begin in March here, so that the day of a leap year comes last.
        let shifted = days + EPOCH_IN_ERAS;
        let era = shifted.div_euclid(DAYS_AN_ERA);
        let day_of_era = shifted.rem_euclid(DAYS_AN_ERA);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_march_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_march_year + 2) / 153;
        let day = day_of_march_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = 400 * era + year_of_era + i64::from(month <= 2);
        let (month, day) = (small(month), small(day));
        Self {
            year,
            month,
            day,
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
            day_of_year: days_before(year, month) + u16::from(day),
            weekday: small((days + 4).rem_euclid(7)),
        }
    }
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a year has before a month, which is from 1 to 13.
pub(crate) fn days_before(year: i64, month: u8) -> u16 {
    const BEFORE: [u16; 14] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    BEFORE[usize::from(month.min(13))] + u16::from(month > 2 && is_leap(year))
}

/// How many days a month has.
pub(crate) fn days_in(year: i64, month: u8) -> u16 {
    days_before(year, month + 1) - days_before(year, month)
}

/// Days from the start of 1970. Months and days may be beyond the year's, and wrap around where
/// nobody will ever look.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let months = i128::from(month) - 1;
    let year = i128::from(year) + months.div_euclid(12);
    let month = months.rem_euclid(12) + 1;
    let year = year - i128::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    wrap(era * i128::from(DAYS_AN_ERA) + day_of_era - i128::from(EPOCH_IN_ERAS) + i128::from(day) - 1)
}

#[expect(clippy::cast_possible_truncation, reason = "Go's integers wrap around too")]
fn wrap(number: i128) -> i64 {
    number as i64
}

/// Seconds from the start of 1970 to a date and a time of day, any of which may be out of its
/// range: the 32nd of January is the first of February.
pub(crate) fn to_unix(year: i64, month: i64, day: i64, second_of_day: i64) -> i64 {
    days_from_civil(year, month, day).wrapping_mul(SECONDS_A_DAY).wrapping_add(second_of_day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        let day = |seconds| {
            let civil = Civil::from_unix(seconds);
            (civil.year, civil.month, civil.day, civil.day_of_year, WEEKDAYS[usize::from(civil.weekday)])
        };
        assert_eq!(day(0), (1970, 1, 1, 1, "Thursday"));
        assert_eq!(day(-1), (1969, 12, 31, 365, "Wednesday"));
        assert_eq!(day(951_782_400), (2000, 2, 29, 60, "Tuesday"));
        assert_eq!(day(-62_135_596_800), (1, 1, 1, 1, "Monday"));
        assert_eq!(day(253_402_300_799), (9999, 12, 31, 365, "Friday"));
    }

    proptest! {
        #[test]
        fn dates_go_back_to_their_seconds(seconds in any::<i64>()) {
            let civil = Civil::from_unix(seconds);
            let time = i64::from(civil.hour) * 3600 + i64::from(civil.minute) * 60 + i64::from(civil.second);
            let (month, day) = (i64::from(civil.month), i64::from(civil.day));
            prop_assert_eq!(to_unix(civil.year, month, day, time), seconds);
            prop_assert!(u16::from(civil.day) <= days_in(civil.year, civil.month));
        }

        #[test]
        fn anything_can_be_a_date(year in any::<i64>(), month in any::<i64>(), day in any::<i64>()) {
            let _ = to_unix(year, month, day, 0);
        }
    }
}
