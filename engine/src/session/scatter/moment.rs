//! The texts of dates and times in ISO format, to be compared.

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// The days since 2000-01-01; all there are for infinity.
pub(super) fn date(text: &str) -> Option<i64> {
    infinity(text).or_else(|| {
        let (text, before_christ) = era(text);
        days(text, before_christ)
    })
}

/// The microseconds since midnight.
pub(super) fn time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    if fraction.len() > 6 {
        return None;
    }
    let fraction = number(&format!("{fraction:0<6}"))?;
    Some(((number(hour)? * 60 + number(minute)?) * 60 + number(second)?) * SECOND + fraction)
}

/// The microseconds since 2000-01-01, in UTC if there is a time zone.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    if let Some(infinity) = infinity(text) {
        return Some(infinity);
    }
    let (text, before_christ) = era(text);
    let (date, clock) = text.split_once(' ')?;
    let (clock, zone) = match clock.find(['+', '-']) {
        Some(at) => clock.split_at_checked(at)?,
        None => (clock, ""),
    };
    let there = days(date, before_christ)?
        .checked_mul(DAY)?
        .checked_add(time(clock)?)?;
    there.checked_sub(offset(zone)?)
}

fn infinity(text: &str) -> Option<i64> {
    match text {
        "infinity" => Some(i64::MAX),
        "-infinity" => Some(i64::MIN),
        _ => None,
    }
}

fn era(text: &str) -> (&str, bool) {
    match text.strip_suffix(" BC") {
        Some(text) => (text, true),
        None => (text, false),
    }
}

/// How far the clock is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let parts = zone
        .get(1..)?
        .split(':')
        .map(number)
        .collect::<Option<Vec<_>>>()?;
    let seconds = match *parts {
        [hours] => hours * 3600,
        [hours, minutes] => hours * 3600 + minutes * 60,
        [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
        _ => return None,
    };
    Some(sign * seconds * SECOND)
}

/// Digits, not more than a year has.
fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 7 && text.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The days since 2000-01-01 in the Gregorian calendar.
fn days(date: &str, before_christ: bool) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() < 4 {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    // The year before 1 is 1 BC.
    let year = if before_christ { 1 - year } else { year };
    // Years begin in March, so that the day that is not in all of them is at the end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(365 * year + leap_days + of_year - 730_425)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_microseconds_are_counted_as_postgresql_does() {
        for (text, days) in [
            ("2000-01-01", 0),
            ("2000-02-29", 59),
            ("2000-03-01", 60),
            ("1999-12-31", -1),
            ("1970-01-01", -10_957),
            ("0001-01-01", -730_119),
            ("0001-12-31 BC", -730_120),
            ("infinity", i64::MAX),
        ] {
            assert_eq!(date(text), Some(days), "{text}");
        }
        for (text, microseconds) in [
            ("2000-01-01 00:00:00", 0),
            ("2000-01-01 00:00:01.5", 1_500_000),
            ("2000-01-01 05:30:00+05:30", 0),
            ("1999-12-31 23:59:59.999999+00", -1),
            ("1999-12-31 12:28:12-11:31:48", 0),
            ("-infinity", i64::MIN),
        ] {
            assert_eq!(timestamp(text), Some(microseconds), "{text}");
        }
        assert_eq!(time("24:00:00"), Some(DAY));
    }
}
