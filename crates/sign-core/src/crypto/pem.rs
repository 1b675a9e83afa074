//! PEM texts (RFC 7468): labelled blocks of base64 among any other text.

use openssl::base64::decode_block;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands after `BEGIN`.
    pub label: String,
    /// The decoded bytes; None if they are no base64, or the block has no end.
    pub contents: Option<Vec<u8>>,
}

/// All blocks in the order of the text. Header lines of RFC 1421 (`Name: value`) are passed over.
pub fn blocks(text: &[u8]) -> Vec<Block> {
    let text = String::from_utf8_lossy(text);
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut base64 = String::new();
        let mut closed = false;
        for line in lines.by_ref() {
            closed = line == end;
            if closed {
                break;
            }
            if !line.contains(':') {
                base64.push_str(line);
            }
        }
        let contents = if closed { decode_block(&base64).ok().filter(|all| !all.is_empty()) } else { None };
        found.push(Block { label: label.to_owned(), contents });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text =
            b"subject=x\r\n-----BEGIN A B-----\r\nName: value\r\n\r\nAQ\r\nID\r\n-----END A B-----\r\n\
            -----BEGIN C-----\n!!\n-----END C-----\n-----BEGIN D-----\nAQID\n";
        let read: Vec<_> = blocks(text).into_iter().map(|block| (block.label, block.contents)).collect();
        let (a, c, d) = ("A B".to_owned(), "C".to_owned(), "D".to_owned());
        assert_eq!(read, [(a, Some(vec![1, 2, 3])), (c, None), (d, None)]);
        assert!(blocks(b"").is_empty() && blocks(b"-----BEGIN").is_empty());
    }
}
