//! Vietnamese letters put together: a base letter and its combining marks become one character
//! (Unicode NFC, restricted to the letters of Vietnamese).
//!
//! Producers write `ệ` as one character, as `ê` + dot, as `ẹ` + circumflex or as `e` + both marks;
//! text is compared after this, so that all four are equal.

/// Letters without a tone; a row of [`TONES`] has the same letter with its tone at the same place.
const PLAIN: &str = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY";

const TONES: [(char, &str); 5] = [
    ('\u{300}', "àằầèềìòồờùừỳÀẰẦÈỀÌÒỒỜÙỪỲ"),
    ('\u{301}', "áắấéếíóốớúứýÁẮẤÉẾÍÓỐỚÚỨÝ"),
    ('\u{303}', "ãẵẫẽễĩõỗỡũữỹÃẴẪẼỄĨÕỖỠŨỮỸ"),
    ('\u{309}', "ảẳẩẻểỉỏổởủửỷẢẲẨẺỂỈỎỔỞỦỬỶ"),
    ('\u{323}', "ạặậẹệịọộợụựỵẠẶẬẸỆỊỌỘỢỤỰỴ"),
];

/// Circumflex, breve, horn: the marks that make another letter.
const SHAPES: [(char, &str, &str); 3] =
    [('\u{302}', "aeoAEO", "âêôÂÊÔ"), ('\u{306}', "aA", "ăĂ"), ('\u{31b}', "ouOU", "ơưƠƯ")];

/// The letter that `letter` with `mark` is, if Vietnamese has it.
pub(crate) fn compose(letter: char, mark: char) -> Option<char> {
    let (plain, tone) = without_tone(letter);
    if let Some((_, from, to)) = SHAPES.iter().find(|(m, _, _)| *m == mark) {
        let shaped = same_place(plain, from, to)?;
        return tone.map_or(Some(shaped), |row| same_place(shaped, PLAIN, row));
    }
    let (_, row) = TONES.iter().find(|(m, _)| *m == mark)?;
    // One tone a letter; a second mark stays as it is.
    if tone.is_some() { None } else { same_place(plain, PLAIN, row) }
}

fn without_tone(letter: char) -> (char, Option<&'static str>) {
    let toned = |(_, row): &(char, &'static str)| Some((same_place(letter, row, PLAIN)?, Some(*row)));
    TONES.iter().find_map(toned).unwrap_or((letter, None))
}

fn same_place(letter: char, from: &str, to: &str) -> Option<char> {
    to.chars().nth(from.chars().position(|c| c == letter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(text: &str) -> String {
        let mut result = String::new();
        for next in text.chars() {
            match result.pop() {
                Some(last) => match compose(last, next) {
                    Some(one) => result.push(one),
                    None => result.extend([last, next]),
                },
                None => result.push(next),
            }
        }
        result
    }

    #[test]
    fn four_spellings_of_a_letter_are_one() {
        for spelling in ["ệ", "ê\u{323}", "ẹ\u{302}", "e\u{323}\u{302}", "e\u{302}\u{323}"] {
            assert_eq!(composed(spelling), "ệ", "{}", spelling.escape_unicode());
        }
        assert_eq!(composed("NGA\u{300}Y nga\u{300}y tha\u{301}ng n\u{61}\u{306}m"), "NGÀY ngày tháng năm");
        assert_eq!(composed("U\u{31b}\u{309} x\u{301}"), "Ử x\u{301}");
    }

    #[test]
    fn every_row_has_every_letter() {
        for (_, row) in TONES {
            assert_eq!(row.chars().count(), PLAIN.chars().count());
        }
    }
}
