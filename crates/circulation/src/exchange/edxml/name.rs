//! Names of attachments, made safe to show and to offer for download. They never become paths: files are
//! stored under their digest.

/// Longest name in bytes, as file systems allow.
const MAX_BYTES: usize = 255;

/// Names Windows keeps for devices, whatever their extension.
const RESERVED: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
    "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

/// Whether a character is invisible or turns the direction of reading: it can make `fdp.exe` look like
/// `exe.pdf`.
pub(super) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The last part of `raw` without directories, control, deceptive or forbidden characters, at most 255 bytes;
/// `fallback` if nothing is left.
pub fn safe_name(raw: &str, fallback: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible = last.chars().filter(|c| !c.is_control() && !is_deceptive(*c));
    let plain: String = visible.map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let trimmed = plain.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let name = shorten(trimmed);
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    if name.is_empty() {
        fallback.to_owned()
    } else if RESERVED.contains(&stem.as_str()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Cuts the stem, not the extension.
fn shorten(name: &str) -> String {
    // One byte is left for the `_` of a reserved name.
    let limit = MAX_BYTES - 1;
    if name.len() <= limit {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 16 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut end = limit.saturating_sub(extension.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", stem.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn names_lose_paths_controls_and_tricks() {
        for (raw, safe) in [
            ("15_STTTT-CNTT.pdf", "15_STTTT-CNTT.pdf"),
            ("Phụ lục 1.pdf", "Phụ lục 1.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/etc/shadow", "shadow"),
            ("C:\\x\\y.pdf", "y.pdf"),
            ("a:b.pdf", "a_b.pdf"),
            ("x\u{202E}fdp.exe", "xfdp.exe"),
            ("a\u{0}b\n.pdf", "ab.pdf"),
            (".htaccess", "htaccess"),
            ("..", "tep-1"),
            ("", "tep-1"),
            ("a/", "tep-1"),
            (" . .. ", "tep-1"),
            ("con.pdf", "_con.pdf"),
            ("LPT1", "_LPT1"),
            ("zero\u{200B}width.pdf", "zerowidth.pdf"),
        ] {
            assert_eq!(safe_name(raw, "tep-1"), safe, "{raw:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension_and_their_letters() {
        let name = safe_name(&format!("{}.pdf", "ệ".repeat(300)), "x");
        assert!(name.len() <= 255 && name.ends_with("ệ.pdf"), "{name}");
        assert!(safe_name(&"a".repeat(9999), "x").len() <= 255);
    }
}
