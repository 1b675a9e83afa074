//! nameConstraints (RFC 5280 4.2.1.10): which names an authority may certify, and whether a name is
//! one of them. Walking a path with them is [`super::path`]'s.

use super::general_name::GeneralName;
use crate::crypto::der::{DerError, Reader, Tlv, tag};

/// What an authority may certify and what not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameConstraints {
    /// permittedSubtrees: of a form that occurs here, only names in one of these.
    pub permitted: Vec<GeneralName>,
    /// excludedSubtrees: no name in any of these.
    pub excluded: Vec<GeneralName>,
}

impl NameConstraints {
    pub(super) fn read(value: &[u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(value);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        let permitted = inside.optional(tag::context(0))?.map(subtrees).transpose()?;
        let excluded = inside.optional(tag::context(1))?.map(subtrees).transpose()?;
        inside.finish()?;
        match (permitted, excluded) {
            // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence."
            (None, None) => Err(DerError::Truncated),
            (permitted, excluded) => {
                Ok(Self { permitted: permitted.unwrap_or_default(), excluded: excluded.unwrap_or_default() })
            }
        }
    }
}

fn subtrees(list: Tlv<'_>) -> Result<Vec<GeneralName>, DerError> {
    let mut inside = list.reader();
    let mut found = Vec::new();
    while !inside.is_empty() {
        let mut subtree = inside.expect(tag::SEQUENCE)?.reader();
        let base = GeneralName::read(subtree.read()?)?;
        // minimum is 0 (its default) and maximum absent in this profile; what else they would mean for
        // a form is written nowhere.
        if let Some(minimum) = subtree.optional(tag::context_primitive(0))?
            && minimum.content != [0]
        {
            return Err(DerError::BadInteger);
        }
        subtree.finish()?;
        if !is_usable_base(&base) {
            return Err(DerError::BadLength);
        }
        found.push(base);
    }
    if found.is_empty() { Err(DerError::Truncated) } else { Ok(found) }
}

/// An address range is an address and a mask of the same length, the mask without gaps.
fn is_usable_base(base: &GeneralName) -> bool {
    let GeneralName::Ip(range) = base else { return true };
    if !matches!(range.len(), 8 | 32) {
        return false;
    }
    let mask = range.get(range.len() / 2..).unwrap_or_default();
    let ones: u32 = mask.iter().map(|byte| byte.leading_ones()).take_while(|&ones| ones == 8).sum();
    let rest = mask.get(ones as usize / 8..).unwrap_or_default();
    match rest.split_first() {
        None => true,
        Some((first, tail)) => {
            first.leading_ones() + first.trailing_zeros().min(8) >= 8 && tail.iter().all(|&byte| byte == 0)
        }
    }
}

/// What comparing a name with a subtree gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// Of another form: this subtree says nothing about the name.
    OtherForm,
    /// The name lies in the subtree.
    Inside,
    /// It does not.
    Outside,
    /// Nobody can tell: the form has no rule, or the name has no host to compare.
    Unclear,
}

/// Compares a name with a subtree.
pub(super) fn compare(name: &GeneralName, base: &GeneralName) -> Match {
    use GeneralName as G;
    let inside = |inside: bool| if inside { Match::Inside } else { Match::Outside };
    match (name, base) {
        (G::Directory(name), G::Directory(base)) => inside(name.is_within(base)),
        (G::Dns(name), G::Dns(base)) => inside(dns_is_within(name, base)),
        (G::Mail(name), G::Mail(base)) => mail_is_within(name, base).map_or(Match::Unclear, inside),
        (G::Uri(name), G::Uri(base)) => match host_of(name) {
            Some(host) => inside(host_is_within(host, base)),
            // "If the URI does not include an authority component with a host name, reject."
            None => Match::Unclear,
        },
        (G::Ip(name), G::Ip(base)) => inside(address_is_within(name, base)),
        (G::Other { form, raw }, G::Other { form: base_form, raw: base_raw }) if form == base_form => {
            // Equal is inside whatever the rule of the form is; otherwise there is none.
            if raw == base_raw { Match::Inside } else { Match::Unclear }
        }
        _ => Match::OtherForm,
    }
}

/// As [`compare`], for an excluded subtree: a wildcard also meets the hosts one label below it, so that
/// excluding a host cannot be passed by with `*`.
pub(super) fn compare_excluded(name: &GeneralName, base: &GeneralName) -> Match {
    if let (GeneralName::Dns(name), GeneralName::Dns(base)) = (name, base)
        && let (Some(parent), Some((_, above))) = (name.strip_prefix("*."), base.split_once('.'))
        && parent.eq_ignore_ascii_case(above)
    {
        return Match::Inside;
    }
    compare(name, base)
}

/// Any name that is the base with labels added on the left; one that begins with a dot wants at least
/// one.
fn dns_is_within(name: &str, base: &str) -> bool {
    let (name, base) = (name.trim_end_matches('.'), base.trim_end_matches('.'));
    base.is_empty() || name.eq_ignore_ascii_case(base) || ends_below(name, base)
}

/// Whether `name` is at least one label longer than `base`, and ends like it.
fn ends_below(name: &str, base: &str) -> bool {
    let base = base.trim_start_matches('.');
    let Some(split) = name.len().checked_sub(base.len()) else { return false };
    let (Some(head), Some(tail)) = (name.get(..split), name.get(split..)) else { return false };
    head.len() > 1 && head.ends_with('.') && tail.eq_ignore_ascii_case(base)
}

/// A host, exactly; with a leading dot any host below it.
fn host_is_within(host: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    if base.starts_with('.') { ends_below(host, base) } else { host.eq_ignore_ascii_case(base) }
}

/// A mailbox exactly, all mailboxes of a host, or with a leading dot of all hosts below it.
fn mail_is_within(mail: &str, base: &str) -> Option<bool> {
    let (local, host) =
        mail.rsplit_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty())?;
    Some(match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && host.eq_ignore_ascii_case(base_host),
        None => host_is_within(host, base),
    })
}

/// The host of a URI with an authority (RFC 3986 3.2); None also for an address instead of a name.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).trim_end_matches('.');
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    (!host.is_empty() && !is_address).then_some(host)
}

/// Versions do not mix: an address of one lies in no range of the other.
fn address_is_within(address: &[u8], range: &[u8]) -> bool {
    let (base, mask) = range.split_at(range.len() / 2);
    base.len() == address.len()
        && address.iter().zip(base).zip(mask).all(|((address, base), mask)| address & mask == base & mask)
}

#[cfg(test)]
mod tests {
    use super::GeneralName as G;
    use super::*;
    use crate::crypto::der;

    #[test]
    fn each_form_has_its_own_rule() {
        use Match::{Inside, Outside, Unclear};
        let mail = |text: &str| G::Mail(text.into());
        let dns = |text: &str| G::Dns(text.into());
        let uri = |text: &str| G::Uri(text.into());
        let ip = |bytes: &[u8]| G::Ip(bytes.to_vec());
        let other = |raw: &[u8]| G::Other { form: 0, raw: raw.to_vec() };
        let cases = [
            (dns("a.example.com"), dns("example.com"), Inside),
            (dns("EXAMPLE.com"), dns("example.COM"), Inside),
            (dns("badexample.com"), dns("example.com"), Outside),
            (dns("example.com"), dns(".example.com"), Outside),
            (dns("a.example.com"), dns(".example.com"), Inside),
            (dns("*.example.com"), dns("www.example.com"), Outside),
            (dns("*.example.com"), dns("example.com"), Inside),
            (dns("anything"), dns(""), Inside),
            (dns(".example.com"), dns("example.com"), Outside),
            (mail("a@example.com"), mail("a@example.com"), Inside),
            (mail("A@example.com"), mail("a@example.com"), Outside),
            (mail("a@EXAMPLE.com"), mail("example.com"), Inside),
            (mail("a@b.example.com"), mail("example.com"), Outside),
            (mail("a@b.example.com"), mail(".example.com"), Inside),
            (mail("a@example.com"), mail(".example.com"), Outside),
            (mail("\"x@evil.com\"@example.com"), mail("evil.com"), Outside),
            (mail("nobody"), mail("example.com"), Unclear),
            (uri("http://example.com/x"), uri("example.com"), Inside),
            (uri("http://u:p@example.com:80?q"), uri("example.com"), Inside),
            (uri("http://example.com@evil.com/"), uri("example.com"), Outside),
            (uri("http://a.example.com/"), uri("example.com"), Outside),
            (uri("http://a.example.com/"), uri(".example.com"), Inside),
            (uri("urn:x:y"), uri("example.com"), Unclear),
            (uri("http://10.0.0.1/"), uri("example.com"), Unclear),
            (uri("http://[::1]:80/"), uri("example.com"), Unclear),
            (ip(&[10, 1, 2, 3]), ip(&[10, 0, 0, 0, 255, 0, 0, 0]), Inside),
            (ip(&[11, 1, 2, 3]), ip(&[10, 0, 0, 0, 255, 0, 0, 0]), Outside),
            (ip(&[0; 16]), ip(&[0; 8]), Outside),
            (ip(&[1; 16]), ip(&[0; 32]), Inside),
            (other(b"a"), other(b"a"), Inside),
            (other(b"a"), other(b"b"), Unclear),
            (other(b"a"), dns(""), Match::OtherForm),
        ];
        for (name, base, expected) in cases {
            assert_eq!(compare(&name, &base), expected, "{name:?} in {base:?}");
        }
        let excluded = |base: &str| compare_excluded(&dns("*.example.com"), &dns(base));
        assert_eq!(excluded("www.example.com"), Inside, "the wildcard may stand for it");
        assert_eq!(excluded("a.www.example.com"), Outside, "a wildcard is one label");
        assert_eq!(excluded("example.org"), Outside);
    }

    #[test]
    fn constraints_outside_the_profile_are_malformed() {
        let subtree = |parts: &[&[u8]]| {
            let list = der::container(tag::context(0), &[&der::sequence(parts)]);
            NameConstraints::read(&der::sequence(&[&list])).map(|read| read.permitted.len())
        };
        let host = der::element(0x82, b"example");
        let range = |mask: &[u8]| der::element(0x87, &[&[10, 0, 0, 0], mask].concat());
        assert_eq!(subtree(&[&host]), Ok(1));
        assert_eq!(subtree(&[&host, &der::element(0x80, &[0])]), Ok(1), "the default, written out");
        assert!(subtree(&[&host, &der::element(0x80, &[1])]).is_err(), "minimum 1");
        assert!(subtree(&[&host, &der::element(0x81, &[1])]).is_err(), "a maximum");
        assert_eq!(subtree(&[&range(&[255, 254, 0, 0])]), Ok(1));
        assert_eq!(subtree(&[&range(&[0, 0, 0, 0])]), Ok(1));
        assert_eq!(subtree(&[&range(&[255, 255, 255, 255])]), Ok(1));
        for mask in [&[255, 0, 255, 0][..], &[127, 0, 0, 0], &[255, 253, 0, 0], &[255]] {
            assert!(subtree(&[&range(mask)]).is_err(), "{mask:?}");
        }
        assert!(NameConstraints::read(&der::sequence(&[])).is_err());
        assert!(NameConstraints::read(&der::sequence(&[&der::container(tag::context(0), &[])])).is_err());
    }
}
