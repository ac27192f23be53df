//! The table of errors, and the page that is printed from it.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use protocol::{Code, Language, Retry};

/// The families of errors, by the hundreds of their numbers.
const FAMILIES: [(u16, &str); 7] = [
    (1, "Amounts and encodings"),
    (2, "Trust and certificates"),
    (3, "Payments"),
    (4, "Paying and being paid"),
    (5, "The wallet and its store"),
    (6, "The platform"),
    (7, "The bank"),
];

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Everything that can go wrong anywhere has one row here: a number, which travels in refusals, and a name, which stands in\n\
         logs. Neither ever changes its meaning. *Again* says whether the same call may succeed later without anybody changing\n\
         what is asked. Below its summary for developers stand the sentences that a holder reads, in English and in Chinese.\n\n\
         This page is printed from `protocol/src/code.rs` and `protocol/src/sentence.rs` by `tests/tests/protocol_errors.rs`. To print it anew:\n\
         `UPDATE=1 cargo test -p tests --test protocol_errors`.\n",
    );
    for (hundred, family) in FAMILIES {
        write!(
            page,
            "\n## {family}\n\n| number | name | again | what happened |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        for code in Code::ALL.iter().filter(|code| **code as u16 / 100 == hundred) {
            let again = match code.retry() {
                Retry::May => "may help",
                Retry::Never => "no",
            };
            writeln!(
                page,
                "| {} | `{}` | {again} | {}<br>“{}”<br>“{}” |",
                *code as u16,
                code.name(),
                code.summary(),
                code.sentence(Language::English),
                code.sentence(Language::SimplifiedChinese),
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_printed_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == page,
        "docs/errors.md is not the table"
    );
}

#[test]
fn every_row_is_unique_and_on_the_page() {
    let page = page();
    let (mut numbers, mut names, mut variants, mut summaries) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for code in Code::ALL {
        assert!(numbers.insert(*code as u16), "{code}");
        assert!(names.insert(code.name()), "{code}");
        assert!(variants.insert(format!("{code:?}")), "{code}");
        assert!(summaries.insert(code.summary()), "{code}");
        assert_eq!(Code::from_number(*code as u16), Some(*code));
        assert_eq!(
            page.matches(&format!("| {} | `{}` |", *code as u16, code.name()))
                .count(),
            1,
            "{code}"
        );
        // The name is the variant's, in kebab case: no row can be renamed by halves.
        let kebab: String = format!("{code:?}")
            .char_indices()
            .flat_map(|(at, c)| {
                let dash = (at > 0 && c.is_ascii_uppercase()).then_some('-');
                dash.into_iter().chain([c.to_ascii_lowercase()])
            })
            .collect();
        assert_eq!(code.name(), kebab);
    }
    let unknown = (0..=u16::MAX).filter(|number| !numbers.contains(number));
    assert!(
        unknown
            .into_iter()
            .all(|number| Code::from_number(number).is_none())
    );
}

#[test]
fn every_row_has_a_sentence_in_every_language() {
    let mut said = BTreeSet::new();
    for code in Code::ALL {
        let english = code.sentence(Language::English);
        let chinese = code.sentence(Language::SimplifiedChinese);
        for sentence in [english, chinese] {
            assert!(said.insert(sentence), "{code}: said twice: {sentence}");
            assert!(sentence.chars().count() <= 120, "{code}: too long: {sentence}");
            assert_eq!(sentence.trim(), sentence, "{code}");
            // No jargon: the words of the code are not the words of a holder.
            for word in [
                "outpoint",
                "transfer",
                "certificate",
                "hop",
                "series",
                "nonce",
                "panic",
            ] {
                let words = sentence.split(|c: char| !c.is_ascii_alphabetic());
                assert!(words.into_iter().all(|found| found != word), "{code}: {sentence}");
            }
        }
        // One sentence each, ended as its language ends one.
        assert!(
            english.ends_with('.') && !english.contains(". "),
            "{code}: {english}"
        );
        assert!(
            english.is_ascii() && english.starts_with(|c: char| c.is_ascii_uppercase()),
            "{code}"
        );
        assert!(
            chinese.ends_with('。') && chinese.matches('。').count() == 1,
            "{code}: {chinese}"
        );
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(
            chinese.chars().filter(|c| is_chinese(*c)).count() >= 4,
            "{code}: {chinese}"
        );
        assert!(!chinese.contains([',', ';', ':', '!', '?']), "{code}: {chinese}");
    }
}
