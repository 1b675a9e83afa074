//! Instants as data: seconds since 1970 and the zone they are shown in.
//!
//! No clock here: the time of a signature or a judgement is always an argument. Three spellings are
//! read and written: RFC 3339, PDF dates (ISO 32000-2 7.9.4) and the parts a letter shows.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Vietnam's zone, minutes east of UTC; the law asks for it in appearances (NĐ 30/2020 Phụ lục I).
pub const VIETNAM: i16 = 7 * 60;

/// An instant, to the second, with the offset in which it is written.
///
/// Two times are equal when the instant is, whatever the offset.
#[derive(Clone, Copy)]
pub struct Time {
    unix: i64,
    offset_minutes: i16,
}

/// A text that is not a time in the expected spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time: {0:?}")]
pub struct NotATime(pub String);

/// The calendar parts of an instant in its own offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Year, four digits.
    pub year: i32,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// 0–59.
    pub second: u8,
}

impl Time {
    /// Seconds since 1970-01-01T00:00:00Z, written in UTC. Clamped to the years 1–9999.
    pub fn from_unix(unix: i64) -> Self {
        // 0001-01-01 and 9999-12-31: what every spelling can hold.
        Self { unix: unix.clamp(-62_135_596_800, 253_402_300_799), offset_minutes: 0 }
    }

    /// The same instant written in another zone (minutes east of UTC, clamped to ±23:59).
    pub fn in_offset(self, minutes: i16) -> Self {
        Self { offset_minutes: minutes.clamp(-1439, 1439), ..self }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.unix
    }

    /// This instant moved by a number of seconds, in the same zone.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix(self.unix.saturating_add(seconds)).in_offset(self.offset_minutes)
    }

    /// Reads RFC 3339, as in `2026-02-05T09:56:34+07:00`.
    ///
    /// # Errors
    /// [`NotATime`] with the text.
    pub fn parse_rfc3339(text: &str) -> Result<Self, NotATime> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime(text.into()))?;
        Ok(Self::from_unix(parsed.unix_timestamp()).in_offset(parsed.offset().whole_minutes()))
    }

    /// Reads a PDF date, as in `D:20260205095634+07'00'`; parts may be missing from the right.
    /// A date without a zone is taken as UTC.
    ///
    /// # Errors
    /// [`NotATime`] with the text.
    pub fn parse_pdf(text: &str) -> Result<Self, NotATime> {
        parse_pdf_date(text).ok_or_else(|| NotATime(text.chars().take(64).collect()))
    }

    /// A PDF date, as in `D:20260205095634+07'00'` (ISO 32000-2 7.9.4).
    pub fn to_pdf(self) -> String {
        let p = self.parts();
        let zone = self.offset_minutes;
        let sign = if zone < 0 { '-' } else { '+' };
        let (hours, minutes) = (zone.unsigned_abs() / 60, zone.unsigned_abs() % 60);
        format!(
            "D:{:04}{:02}{:02}{:02}{:02}{:02}{sign}{hours:02}'{minutes:02}'",
            p.year, p.month, p.day, p.hour, p.minute, p.second
        )
    }

    /// The calendar parts in this time's own zone.
    pub fn parts(self) -> Parts {
        let t = self.date_time();
        Parts {
            year: t.year(),
            month: t.month().into(),
            day: t.day(),
            hour: t.hour(),
            minute: t.minute(),
            second: t.second(),
        }
    }

    fn date_time(self) -> OffsetDateTime {
        let utc = OffsetDateTime::from_unix_timestamp(self.unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let offset = UtcOffset::from_whole_seconds(i32::from(self.offset_minutes) * 60);
        // At the very edge of the calendar the local year would be 0 or 10000: stay in UTC there.
        offset.ok().and_then(|o| utc.checked_to_offset(o)).unwrap_or(utc)
    }
}

fn parse_pdf_date(text: &str) -> Option<Time> {
    let text = text.trim().strip_prefix("D:").unwrap_or(text.trim());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let (date, zone) = text.split_at_checked(digits)?;
    let part = |from: usize, to: usize, default: u8| match date.get(from..to) {
        Some(two) => two.parse::<u8>().ok(),
        None if date.len() <= from => Some(default),
        None => None,
    };
    let year: i32 = date.get(0..4)?.parse().ok()?;
    let month = time::Month::try_from(part(4, 6, 1)?).ok()?;
    let day = time::Date::from_calendar_date(year, month, part(6, 8, 1)?).ok()?;
    let clock = time::Time::from_hms(part(8, 10, 0)?, part(10, 12, 0)?, part(12, 14, 0)?).ok()?;
    let offset = parse_pdf_zone(zone)?;
    let instant = day.with_time(clock).assume_utc().unix_timestamp();
    Some(Time::from_unix(instant.checked_sub(i64::from(offset) * 60)?).in_offset(offset))
}

fn parse_pdf_zone(zone: &str) -> Option<i16> {
    let sign = match zone.bytes().next() {
        None | Some(b'Z') => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let mut numbers = zone.get(1..)?.split('\'');
    let hours: i16 = numbers.next().and_then(|h| h.parse().ok())?;
    let minutes: i16 = match numbers.next() {
        None | Some("") => 0,
        Some(m) => m.parse().ok()?,
    };
    (hours < 24 && (0..60).contains(&minutes)).then(|| sign * (hours * 60 + minutes))
}

impl PartialEq for Time {
    fn eq(&self, other: &Self) -> bool {
        self.unix == other.unix
    }
}
impl Eq for Time {}
impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Time {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.unix.cmp(&other.unix)
    }
}
impl std::hash::Hash for Time {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.unix.hash(state);
    }
}

impl fmt::Display for Time {
    /// RFC 3339 with the time's own offset; `Z` for UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date_time().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_a_pdf_date() {
        let time = Time::parse_rfc3339("2026-02-05T09:56:34+07:00").unwrap();
        assert_eq!(time.to_pdf(), "D:20260205095634+07'00'");
        assert_eq!(Time::parse_pdf(&time.to_pdf()), Ok(time));
        assert_eq!(time.to_string(), "2026-02-05T09:56:34+07:00");
    }

    #[test]
    fn reads_short_pdf_dates_and_refuses_nonsense() {
        let cases = [
            ("D:2026", Some("2026-01-01T00:00:00Z")),
            ("20260205", Some("2026-02-05T00:00:00Z")),
            ("D:20260205095634Z", Some("2026-02-05T09:56:34Z")),
            ("D:20260205095634-05'30", Some("2026-02-05T15:26:34Z")),
            ("D:20261305", None),
            ("D:2026020", None),
            ("D:20260205095634+99'00'", None),
            ("không phải ngày", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|e| Time::parse_rfc3339(e).unwrap());
            assert_eq!(Time::parse_pdf(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn stays_inside_the_calendar() {
        let _ = Time::from_unix(i64::MAX).in_offset(i16::MAX).to_string();
        let _ = Time::from_unix(i64::MIN).in_offset(i16::MIN).to_pdf();
    }
}
