//! Organisations and their identifiers (QĐ 20/2020/QĐ-TTg; old codes of QCVN 102:2016).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::refusal::Refusal;

const MAX_LENGTH: usize = 35;

/// An organisation's code: at most 35 of `0-9 A-Z`, groups separated by dots (QĐ 20/2020/QĐ-TTg Điều 4).
///
/// Two forms are in use: `H40.01.02` (groups from the highest level to the lowest) and the older
/// `000.02.01.H40` (read from right to left). The stored text is never rewritten; [`OrganId::matches`]
/// compares them by [`OrganId::routing_key`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganId(String);

impl OrganId {
    /// The code exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in the newer form, for comparing only: `000.46.24.H44` and `H44.24.46` have one key.
    pub fn routing_key(&self) -> String {
        match old_groups(&self.0) {
            Some([office, unit, branch, root]) => {
                let mut groups = vec![root, branch, unit, office];
                while groups.len() > 1 && groups.last().is_some_and(|g| g.bytes().all(|b| b == b'0')) {
                    groups.pop();
                }
                groups.join(".")
            }
            None => self.0.clone(),
        }
    }

    /// Whether both codes name the same organisation, in whichever form.
    pub fn matches(&self, other: &Self) -> bool {
        self == other || self.routing_key() == other.routing_key()
    }

    /// Whether the code belongs to a unit for trials (a group `W00`), which recipient lists hide.
    pub fn is_test_unit(&self) -> bool {
        self.0.split('.').any(|group| group == "W00")
    }
}

/// The four groups of `V1V2V3.Z1Z2.Y1Y2.MXX`, if the code has the older form.
fn old_groups(code: &str) -> Option<[&str; 4]> {
    let groups: Vec<&str> = code.split('.').collect();
    let [office, unit, branch, root] = <[&str; 4]>::try_from(groups).ok()?;
    let lengths = (office.len(), unit.len(), branch.len()) == (3, 2, 2);
    (lengths && is_root(root) && !is_root(office)).then_some([office, unit, branch, root])
}

/// `G22`, `H40`: a letter and two digits, a ministry or a province.
fn is_root(group: &str) -> bool {
    matches!(group.as_bytes(), [b'G' | b'H', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit())
}

impl FromStr for OrganId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let group_ok =
            |g: &str| !g.is_empty() && g.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if text.len() <= MAX_LENGTH && text.split('.').all(group_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Refusal::InvalidOrganId)
        }
    }
}

impl TryFrom<String> for OrganId {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<OrganId> for String {
    fn from(id: OrganId) -> String {
        id.0
    }
}

impl fmt::Display for OrganId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an organisation is reached by people; the middle of edXML's `From` and `To`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Postal address.
    pub address: Option<String>,
    /// E-mail of the office of records (văn thư).
    pub email: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// Fax.
    pub fax: Option<String>,
    /// Web site.
    pub website: Option<String>,
}

/// An organisation as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its code (QĐ 20/2020/QĐ-TTg).
    pub id: OrganId,
    /// Its full name, as in ô 2 of Phụ lục I.
    pub name: String,
    /// Its abbreviation in document symbols, as `UBND` or `STTTT` (ô 3 of Phụ lục I).
    pub symbol: String,
    /// The place written before the date (địa danh, ô 4 of Phụ lục I).
    pub place: String,
    /// The organisation directly above it.
    #[serde(default)]
    pub parent: Option<OrganId>,
    /// First day on which it exists.
    pub valid_from: Date,
    /// Last day on which it exists; none while it does.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// Where its server receives messages; none when it lives on this server or has no server.
    #[serde(default)]
    pub exchange_url: Option<String>,
    /// How people reach it.
    #[serde(default)]
    pub contact: Contact,
}

impl Organisation {
    /// Whether it exists on `day`.
    pub fn exists_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> OrganId {
        text.parse().unwrap()
    }

    #[test]
    fn codes_follow_decision_20() {
        for good in ["H40", "H40.01", "000.00.00.H49", "H37.DN.001", &"A".repeat(35)] {
            assert!(good.parse::<OrganId>().is_ok(), "{good}");
        }
        for bad in ["", ".", "H40.", "h40", "H40/01", "H40 01", "Đ40", &"A".repeat(36)] {
            assert!(bad.parse::<OrganId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_old_and_the_new_form_of_a_code_name_one_organisation() {
        assert!(id("000.46.24.H44").matches(&id("H44.24.46")));
        assert!(id("000.00.00.H49").matches(&id("H49")));
        assert!(id("000.00.24.H44").matches(&id("H44.24")));
        assert!(id("001.46.24.H44").matches(&id("H44.24.46.001")));
        assert!(!id("000.24.46.H44").matches(&id("H44.24.46")));
        assert_eq!(id("000.46.24.H44").as_str(), "000.46.24.H44", "never rewritten");
    }

    #[test]
    fn a_newer_code_of_four_groups_is_not_taken_for_an_old_one() {
        assert_eq!(id("H15.50.05.13").routing_key(), "H15.50.05.13");
        assert_eq!(id("H15.50.05.G13").routing_key(), "H15.50.05.G13");
    }

    #[test]
    fn trial_units_are_recognised() {
        assert!(id("W00.01.02.H40").is_test_unit());
        assert!(!id("H40.01").is_test_unit());
    }
}
