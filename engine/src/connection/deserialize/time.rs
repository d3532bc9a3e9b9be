//! Dates and times, with `DateStyle` `ISO` and `IntervalStyle` `postgres`.
//!
//! PostgreSQL manual: [Date/Time Types](https://www.postgresql.org/docs/current/datatype-datetime.html).

use super::failure::{Failure, exactly, malformed, take};

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: i64 = 24 * 3_600_000_000;

/// The days from 0000-03-01 to 2000-01-01, where PostgreSQL's count begins.
const EPOCH: i64 = 730_425;

const INFINITY: &str = "infinity";
const MINUS_INFINITY: &str = "-infinity";

pub(super) fn date(bytes: &[u8]) -> Result<String, Failure> {
    Ok(match i32::from_be_bytes(exactly(bytes)?) {
        i32::MAX => INFINITY.to_owned(),
        i32::MIN => MINUS_INFINITY.to_owned(),
        days => {
            let (date, era) = day(days.into());
            date + era
        }
    })
}

pub(super) fn time(bytes: &[u8]) -> Result<String, Failure> {
    let time = i64::from_be_bytes(exactly(bytes)?);
    Ok(clock(u64::try_from(time).map_err(|_| malformed())?))
}

pub(super) fn timetz(mut bytes: &[u8]) -> Result<String, Failure> {
    let time = time(&take::<8>(&mut bytes)?)?;
    // Seconds west of Greenwich.
    let west = i32::from_be_bytes(exactly(bytes)?);
    let sign = if west > 0 { '-' } else { '+' };
    let offset = west.unsigned_abs();
    let mut text = format!("{time}{sign}{:02}", offset / 3600);
    if offset % 3600 != 0 {
        text.push_str(&format!(":{:02}", offset / 60 % 60));
    }
    if offset % 60 != 0 {
        text.push_str(&format!(":{:02}", offset % 60));
    }
    Ok(text)
}

/// A `timestamp`; or a `timestamptz`, in the `zone` that is behind it.
pub(super) fn timestamp(bytes: &[u8], zone: &str) -> Result<String, Failure> {
    Ok(match i64::from_be_bytes(exactly(bytes)?) {
        i64::MAX => INFINITY.to_owned(),
        i64::MIN => MINUS_INFINITY.to_owned(),
        time => {
            let (date, era) = day(time.div_euclid(DAY));
            format!("{date} {}{zone}{era}", clock(time.rem_euclid(DAY).unsigned_abs()))
        }
    })
}

pub(super) fn interval(mut bytes: &[u8]) -> Result<String, Failure> {
    let time = i64::from_be_bytes(take(&mut bytes)?);
    let days = i32::from_be_bytes(take(&mut bytes)?);
    let months = i32::from_be_bytes(exactly(bytes)?);
    match (time, days, months) {
        (i64::MAX, i32::MAX, i32::MAX) => return Ok(INFINITY.to_owned()),
        (i64::MIN, i32::MIN, i32::MIN) => return Ok(MINUS_INFINITY.to_owned()),
        _ => {}
    }
    let mut parts = Vec::new();
    // After a part that is negative, one that is not has its sign, too.
    let mut before = false;
    for (number, unit) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if number == 0 {
            continue;
        }
        let plus = if before && number > 0 { "+" } else { "" };
        let plural = if number == 1 { "" } else { "s" };
        parts.push(format!("{plus}{number} {unit}{plural}"));
        before = number < 0;
    }
    if time != 0 || parts.is_empty() {
        let sign = match time {
            ..0 => "-",
            _ if before => "+",
            _ => "",
        };
        parts.push(format!("{sign}{}", clock(time.unsigned_abs())));
    }
    Ok(parts.join(" "))
}

/// Hours, minutes, seconds, and what is there of a second.
fn clock(time: u64) -> String {
    let text = format!(
        "{:02}:{:02}:{:02}",
        time / HOUR,
        time / MINUTE % 60,
        time / SECOND % 60
    );
    match time % SECOND {
        0 => text,
        part => text + format!(".{part:06}").trim_end_matches('0'),
    }
}

/// A day by its number from 2000-01-01 on, in the Gregorian calendar; and the era behind it, where it is not ours.
fn day(days: i64) -> (String, &'static str) {
    // In years that begin in March, the leap day is the last.
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + next;
    if year > 0 {
        (format!("{year:04}-{month:02}-{day:02}"), "")
    } else {
        (format!("{:04}-{month:02}-{day:02}", 1 - year), " BC")
    }
}
