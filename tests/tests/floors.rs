//! The floors of sign-core: a module imports only from lower floors. The table is read from the doc of
//! `lib.rs`, the imports from the source. Unit tests (`mod tests`) may look up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::workspace::{files_below, root};

/// Module → floor, from rows `| 5 | [`pades`] · [`trust`] |` of the crate doc.
fn floors(lib: &str) -> BTreeMap<String, u32> {
    let mut floors = BTreeMap::new();
    for row in lib.lines().filter_map(|line| line.strip_prefix("//! |")) {
        let Some((number, modules)) = row.split_once('|') else { continue };
        let Ok(number) = number.trim().parse() else { continue };
        for module in modules.split('`').skip(1).step_by(2) {
            floors.insert(module.to_owned(), number);
        }
    }
    floors
}

/// Words and signs of Rust source, without comments, strings and character literals.
fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        match chars[at] {
            '/' if next == '/' => at = skip_until(&chars, at, |rest| rest[0] == '\n'),
            '/' if next == '*' => at = skip_until(&chars, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2,
            'r' if next == '"' || (next == '#' && raw_string_hashes(&chars[at + 1..]).is_some()) => {
                let hashes = raw_string_hashes(&chars[at + 1..]).unwrap_or(0);
                let mut end = vec!['"'];
                end.extend(std::iter::repeat_n('#', hashes));
                at = skip_until(&chars, at + hashes + 2, |rest| rest.starts_with(&end)) + end.len();
            }
            '"' => at = skip_string(&chars, at + 1),
            // A character literal, not a lifetime.
            '\'' if next == '\\' => at = skip_until(&chars, at + 3, |rest| rest[0] == '\'') + 1,
            '\'' if chars.get(at + 2) == Some(&'\'') => at += 3,
            c if c.is_alphanumeric() || c == '_' => {
                let word: String =
                    chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
                at += word.chars().count();
                tokens.push(word);
            }
            ':' if next == ':' => {
                tokens.push("::".to_owned());
                at += 2;
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
                at += 1;
            }
        }
    }
    tokens
}

fn raw_string_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    (rest.get(hashes) == Some(&'"')).then_some(hashes)
}

fn skip_until(chars: &[char], from: usize, end: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|at| end(&chars[*at..])).unwrap_or(chars.len())
}

fn skip_string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The first words of the paths that start at the crate root: `crate::pdf::x`, `crate::{pdf, cms::y}`, and
/// `super::…::cms` where the `super`s climb to the root. `depth` is that of the file's own module.
fn imports(source: &str, depth: usize) -> Vec<String> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut braces = 0;
    // For each inline module we are in: its brace depth, and whether it is `tests`.
    let mut inline: Vec<(usize, bool)> = Vec::new();
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    let mut at = 0;
    while at < tokens.len() {
        match word(at) {
            "mod" if word(at + 2) == "{" => inline.push((braces, word(at + 1) == "tests")),
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                inline.retain(|(opened_at, _)| *opened_at < braces);
            }
            start @ ("crate" | "super") if word(at + 1) == "::" => {
                let mut left = if start == "crate" { 0 } else { depth + inline.len() - 1 };
                at += 2;
                while word(at) == "super" && word(at + 1) == "::" && left > 0 {
                    left -= 1;
                    at += 2;
                }
                if left == 0 && !inline.iter().any(|(_, tests)| *tests) {
                    found.extend(first_words(&tokens[at..]));
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// `pdf::x` → pdf; `{pdf, cms::{a, b}}` → pdf, cms.
fn first_words(tokens: &[String]) -> Vec<String> {
    if tokens.first().is_none_or(|token| token != "{") {
        return tokens.first().cloned().into_iter().collect();
    }
    let mut words = Vec::new();
    let mut depth = 0;
    let mut fresh = false;
    for token in tokens {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => {}
            word if depth == 1 && fresh => words.push(word.to_owned()),
            _ => {}
        }
        fresh = depth == 1 && matches!(token.as_str(), "{" | ",");
        if depth == 0 {
            break;
        }
    }
    words
}

/// The module a file belongs to (its first path part) and its depth: `pdf/xref.rs` → (pdf, 2).
fn module_of(file: &Path) -> (String, usize) {
    let mut parts: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    (parts[0].clone(), parts.len())
}

/// Every import that does not go down, as `file: module (floor) imports module (floor)`.
fn violations(src: &Path) -> Vec<String> {
    let floors = floors(&std::fs::read_to_string(src.join("lib.rs")).unwrap());
    let mut found = Vec::new();
    for path in files_below(src) {
        let file = path.strip_prefix(src).unwrap().to_owned();
        if file == Path::new("lib.rs")
            || path.extension().is_none_or(|ext| ext != "rs")
            || is_test_file(&file)
        {
            continue;
        }
        let (module, depth) = module_of(&file);
        let Some(own) = floors.get(&module) else {
            found.push(format!("{}: module {module} has no floor", file.display()));
            continue;
        };
        for import in imports(&std::fs::read_to_string(&path).unwrap(), depth) {
            let Some(floor) = floors.get(&import) else { continue };
            // The words of floor 0 may use each other; elsewhere neighbours do not know each other.
            let goes_down = floor < own || (*floor == 0 && *own == 0);
            if import != module && !goes_down {
                found.push(format!("{}: {module} ({own}) imports {import} ({floor})", file.display()));
            }
        }
    }
    found
}

/// A file that is a `mod tests` of its own.
fn is_test_file(file: &Path) -> bool {
    file.iter().any(|part| part == "tests" || part == "tests.rs")
}

fn sign_core() -> PathBuf {
    root().join("crates/sign-core/src")
}

#[test]
fn modules_of_sign_core_import_only_from_lower_floors() {
    let found = violations(&sign_core());
    assert!(found.is_empty(), "imports that do not go down:\n{}", found.join("\n"));
}

#[test]
fn the_table_names_exactly_the_modules_that_exist() {
    let lib = std::fs::read_to_string(sign_core().join("lib.rs")).unwrap();
    let mut declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    assert_eq!(floors(&lib).keys().map(String::as_str).collect::<Vec<_>>(), declared);
}

/// Plants `line` at the end of `file` in a copy of sign-core's source and returns what the check says.
fn plant(file: &str, line: &str) -> Vec<String> {
    let copy = tempfile::tempdir().unwrap();
    for path in files_below(&sign_core()) {
        let target = copy.path().join(path.strip_prefix(sign_core()).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, target).unwrap();
    }
    let planted = copy.path().join(file);
    let source = std::fs::read_to_string(&planted).unwrap();
    std::fs::write(&planted, format!("{source}\n{line}\n")).unwrap();
    violations(copy.path())
}

#[test]
fn catches_a_planted_upward_import() {
    for (file, line, caught) in [
        ("pdf/mod.rs", "use crate::verify::Report;", "pdf/mod.rs: pdf (1) imports verify (8)"),
        (
            "cms/mod.rs",
            "use crate::{error::PdfError, pades::field as f};",
            "cms/mod.rs: cms (4) imports pades (5)",
        ),
        ("limits.rs", "fn f() { super::trust::anchor(); }", "limits.rs: limits (0) imports trust (5)"),
        (
            "verify/mod.rs",
            "pub(crate) use crate::sign::Signed;",
            "verify/mod.rs: verify (8) imports sign (8)",
        ),
    ] {
        let found = plant(file, line);
        println!("planted in {file}: {line}\n  → {}", found.join("; "));
        assert!(found.iter().any(|violation| violation == caught), "{line}: {found:?}");
    }
}

#[test]
fn takes_no_offence_at_comments_strings_and_tests() {
    for line in [
        "// use crate::verify::Report;",
        "const NOTE: &str = \"crate::verify::Report\";",
        "const NOTE: &str = r#\"a \" crate::verify::Report\"#;",
        "mod tests { use crate::verify::Report; }",
        "mod inner { use super::verify; }",
    ] {
        assert_eq!(plant("pdf/mod.rs", line), violations(&sign_core()), "{line}");
    }
}
