//! Points in time and calendar days. No clock: both are always given by the caller.
//!
//! The law counts in days of Viet Nam (UTC+7), so a day is made from an instant only with an explicit offset.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Offset of Viet Nam from UTC, in seconds. The country has one zone and no summer time.
pub const VIETNAM_OFFSET_SECONDS: i64 = 7 * 3600;

const MS_PER_SECOND: i64 = 1000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A text that is not the date or instant it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a date or time: {0:?}")]
pub struct DateError(pub String);

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Serialised as ISO 8601 in UTC
/// (`2024-02-05T02:57:10.000Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A day of the Gregorian calendar. Serialised as `2024-02-05`. Always a day that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if it exists and lies in the years 1 to 9999.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        let month_name = time::Month::try_from(month).ok()?;
        time::Date::from_calendar_date(year, month_name, day).ok()?;
        Some(Self { year, month, day })
    }

    /// The day it is at `instant`, `offset_seconds` east of UTC. Out of the years 1 to 9999 the nearest end.
    pub fn from_instant(instant: Instant, offset_seconds: i64) -> Self {
        let seconds = instant.0.div_euclid(MS_PER_SECOND).saturating_add(offset_seconds);
        Self::from_day_number(seconds.div_euclid(SECONDS_PER_DAY))
    }

    /// The legal day in Viet Nam at `instant`.
    pub fn in_vietnam(instant: Instant) -> Self {
        Self::from_instant(instant, VIETNAM_OFFSET_SECONDS)
    }

    /// Year, 1 to 9999.
    pub fn year(self) -> i32 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Reads `yyyy/MM/dd`, the form of edXML (QCVN 102:2016).
    pub fn from_slashes(text: &str) -> Result<Self, DateError> {
        parse_day(text, '/').ok_or_else(|| DateError(text.to_owned()))
    }

    /// Writes `yyyy/MM/dd`, the form of edXML (QCVN 102:2016).
    pub fn to_slashes(self) -> String {
        format!("{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }

    /// The words of ô 4 of Phụ lục I, NĐ 30/2020: a day below 10 and the months 1 and 2 carry a leading 0.
    pub fn to_vietnamese(self) -> String {
        let month = if self.month < 3 { format!("{:02}", self.month) } else { self.month.to_string() };
        format!("ngày {:02} tháng {month} năm {}", self.day, self.year)
    }

    fn from_day_number(days: i64) -> Self {
        const UNIX_EPOCH_JULIAN: i64 = 2_440_588;
        let julian = days.saturating_add(UNIX_EPOCH_JULIAN);
        let date = i32::try_from(julian).ok().and_then(|j| time::Date::from_julian_day(j).ok());
        let found = date.and_then(|d| Self::new(d.year(), u8::from(d.month()), d.day()));
        found.unwrap_or(if days < 0 {
            Self { year: 1, month: 1, day: 1 }
        } else {
            Self { year: 9999, month: 12, day: 31 }
        })
    }

    fn day_number(self) -> i64 {
        const UNIX_EPOCH_JULIAN: i64 = 2_440_588;
        time::Month::try_from(self.month)
            .ok()
            .and_then(|month| time::Date::from_calendar_date(self.year, month, self.day).ok())
            .map_or(0, |date| i64::from(date.to_julian_day()) - UNIX_EPOCH_JULIAN)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        parse_day(text, '-').ok_or_else(|| DateError(text.to_owned()))
    }
}

impl Instant {
    /// The instant at which clocks `offset_seconds` east of UTC show this day and time of day.
    pub fn from_local(date: Date, hour: u8, minute: u8, second: u8, offset_seconds: i64) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let seconds = date.day_number() * SECONDS_PER_DAY + of_day - offset_seconds;
        Some(Self(seconds * MS_PER_SECOND))
    }

    /// Reads `yyyy/MM/dd HH:mm:ss` as a time of Viet Nam: edXML time stamps carry no zone.
    pub fn from_edxml(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError(text.to_owned());
        let (day, time) = text.split_once(' ').ok_or_else(wrong)?;
        let (hour, minute, second) = parse_time(time).ok_or_else(wrong)?;
        let date = Date::from_slashes(day).map_err(|_| wrong())?;
        Self::from_local(date, hour, minute, second, VIETNAM_OFFSET_SECONDS).ok_or_else(wrong)
    }

    /// Writes `yyyy/MM/dd HH:mm:ss` as a time of Viet Nam.
    pub fn to_edxml(self) -> String {
        let (hour, minute, second) = self.time_of_day(VIETNAM_OFFSET_SECONDS);
        format!("{} {hour:02}:{minute:02}:{second:02}", Date::in_vietnam(self).to_slashes())
    }

    /// ISO 8601 with the zone of Viet Nam, whole seconds: `2024-02-05T09:57:10+07:00`.
    pub fn to_vietnam_iso(self) -> String {
        let (hour, minute, second) = self.time_of_day(VIETNAM_OFFSET_SECONDS);
        format!("{}T{hour:02}:{minute:02}:{second:02}+07:00", Date::in_vietnam(self))
    }

    fn time_of_day(self, offset_seconds: i64) -> (i64, i64, i64) {
        let seconds = self.0.div_euclid(MS_PER_SECOND).saturating_add(offset_seconds);
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        (of_day / 3600, of_day / 60 % 60, of_day % 60)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time_of_day(0);
        let ms = self.0.rem_euclid(MS_PER_SECOND);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z", Date::from_instant(*self, 0))
    }
}

impl FromStr for Instant {
    type Err = DateError;

    /// Reads RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError(text.to_owned());
        let (day, rest) = text.split_once('T').ok_or_else(wrong)?;
        let date: Date = day.parse()?;
        let zone_at = rest.find(['Z', '+', '-']).ok_or_else(wrong)?;
        let (clock, zone) = rest.split_at_checked(zone_at).ok_or_else(wrong)?;
        let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let (hour, minute, second) = parse_time(whole).ok_or_else(wrong)?;
        let offset = parse_offset(zone).ok_or_else(wrong)?;
        let ms = parse_fraction(fraction).ok_or_else(wrong)?;
        let base = Self::from_local(date, hour, minute, second, offset).ok_or_else(wrong)?;
        Ok(Self(base.0 + ms))
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn parse_day(text: &str, separator: char) -> Option<Date> {
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let year = i32::try_from(digits(year, 4)?).ok()?;
    Date::new(year, u8::try_from(digits(month, 2)?).ok()?, u8::try_from(digits(day, 2)?).ok()?)
}

fn parse_time(text: &str) -> Option<(u8, u8, u8)> {
    let mut parts = text.split(':').map(|part| digits(part, 2).and_then(|n| u8::try_from(n).ok()));
    let time = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(time)
}

fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i64::from(digits(hours, 2)?), i64::from(digits(minutes, 2)?));
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Milliseconds of a decimal fraction; finer digits are cut off.
fn parse_fraction(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let three: String = text.chars().chain("000".chars()).take(3).collect();
    three.parse().ok()
}

macro_rules! serde_as_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(Date);
serde_as_text!(Instant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_in_vietnam_starts_seven_hours_before_utc() {
        let late: Instant = "2024-02-04T17:00:00Z".parse().unwrap();
        assert_eq!(Date::in_vietnam(late), Date::new(2024, 2, 5).unwrap());
        assert_eq!(Date::in_vietnam(Instant(late.0 - 1)), Date::new(2024, 2, 4).unwrap());
    }

    #[test]
    fn instants_survive_text_in_both_forms() {
        let at: Instant = "2024-02-05T09:57:10.250+07:00".parse().unwrap();
        assert_eq!(at.to_string(), "2024-02-05T02:57:10.250Z");
        assert_eq!(at.to_edxml(), "2024/02/05 09:57:10");
        assert_eq!(Instant::from_edxml("2024/02/05 09:57:10").unwrap(), Instant(at.0 - 250));
        assert_eq!(at.to_vietnam_iso(), "2024-02-05T09:57:10+07:00");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2023-02-29", "2024-13-01", "2024-1-01", "2024-02-05 ", "0000-01-01", "+024-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2024-02-05T24:00:00Z".parse::<Instant>().is_err());
        assert!("2024-02-05T10:00:00é".parse::<Instant>().is_err());
    }

    #[test]
    fn extreme_instants_do_not_overflow() {
        assert_eq!(Date::in_vietnam(Instant(i64::MAX)).year(), 9999);
        assert_eq!(Date::in_vietnam(Instant(i64::MIN)).year(), 1);
    }

    #[test]
    fn a_day_below_ten_and_the_months_one_and_two_carry_a_zero() {
        assert_eq!(Date::new(2024, 2, 5).unwrap().to_vietnamese(), "ngày 05 tháng 02 năm 2024");
        assert_eq!(Date::new(2024, 3, 15).unwrap().to_vietnamese(), "ngày 15 tháng 3 năm 2024");
    }
}
