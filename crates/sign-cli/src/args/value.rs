//! Values that several commands take.

use sign_core::time::Time;

pub(super) fn time(text: &str) -> Result<Time, String> {
    Time::parse_rfc3339(text).map_err(|_| "not a time like 2026-02-05T09:56:34+07:00".into())
}

pub(super) fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let parsed: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let numbers = parsed.ok().filter(|all| all.iter().all(|n| n.is_finite()));
    numbers.and_then(|all| all.try_into().ok()).ok_or_else(|| format!("{N} numbers with commas between"))
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("FIELD=TEXT")?;
    if field.is_empty() { Err("no field name".into()) } else { Ok((field.into(), value.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_typed() {
        assert_eq!(numbers::<4>("1, 2,3.5,-4"), Ok([1.0, 2.0, 3.5, -4.0]));
        for wrong in ["1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,inf", ""] {
            assert!(numbers::<4>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(pair("so=a=b").unwrap(), ("so".into(), "a=b".into()));
        assert!(pair("=x").is_err() && pair("x").is_err());
    }
}
