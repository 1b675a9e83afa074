//! Times as certificates, CRLs and OCSP responses write them (RFC 5280 4.1.2.5).

use crate::crypto::der::{Tlv, tag};
use crate::time::Time;

/// UTCTime (years 1950–2049) or GeneralizedTime. Seconds may be missing and the zone need not be `Z`,
/// as older authorities write; a fraction of a second is passed over.
pub(super) fn time(value: Tlv<'_>) -> Option<Time> {
    let text = std::str::from_utf8(value.content).ok()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (stamp, rest) = text.split_at_checked(digits)?;
    let century = match value.tag {
        tag::GENERALIZED_TIME if matches!(digits, 12 | 14) => "",
        tag::UTC_TIME if matches!(digits, 10 | 12) && stamp < "50" => "20",
        tag::UTC_TIME if matches!(digits, 10 | 12) => "19",
        _ => return None,
    };
    let zone = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if value.tag == tag::GENERALIZED_TIME => {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        _ => rest,
    };
    // The PDF spelling of a date is the same digits with the century.
    let zone = match zone.as_bytes() {
        b"Z" => zone.to_owned(),
        [b'+' | b'-', hours @ .., _, _] if hours.len() == 2 => {
            format!("{}'{}", zone.get(..3)?, zone.get(3..)?)
        }
        _ => return None,
    };
    Time::parse_pdf(&format!("{century}{stamp}{zone}")).ok().map(|time| Time::from_unix(time.unix()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::der::{self, Reader};

    #[test]
    fn both_kinds_are_read_with_the_liberties_that_are_taken() {
        let cases = [
            (tag::UTC_TIME, "260205025634Z", Some("2026-02-05T02:56:34Z")),
            (tag::UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59Z")),
            (tag::UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (tag::UTC_TIME, "2602050256Z", Some("2026-02-05T02:56:00Z")),
            (tag::UTC_TIME, "260205095634+0700", Some("2026-02-05T02:56:34Z")),
            (tag::GENERALIZED_TIME, "20500101000000Z", Some("2050-01-01T00:00:00Z")),
            (tag::GENERALIZED_TIME, "20500101000000.125Z", Some("2050-01-01T00:00:00Z")),
            (tag::GENERALIZED_TIME, "20500101000000", None),
            (tag::UTC_TIME, "261305025634Z", None),
            (tag::UTC_TIME, "260205025634+07é", None),
            (tag::UTC_TIME, "", None),
            (tag::OCTET_STRING, "260205025634Z", None),
        ];
        for (tag, text, expected) in cases {
            let bytes = der::element(tag, text.as_bytes());
            let read = time(Reader::new(&bytes).read().unwrap()).map(|time| time.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
