//! What is changed in generated Kotlin, because money depends on it, because it would not compile, or because it speaks of
//! Rust. Each change to code is counted: a generator that writes other code is found out here, and not by a wallet.

use crate::kotlin_words;

/// In which package it is.
const PACKAGE: &str = "org.dcep.wallet";

/// A callback that throws an `Error`, such as a failed assertion, would count as one that succeeded, and returned nothing or 0.
const CATCHES: (&str, &str) = ("catch(e: kotlin.Exception)", "catch(e: kotlin.Throwable)");
/// What a callback throws is described by its kind alone: its text and its stack may hold anything.
const TELLS: (&str, &str) = ("e.stackTraceToString()", "e.javaClass.name");

/// The one exception of the generator's own, which it does not explain.
const PANIC: (&str, &str) = (
    "class InternalException(",
    "/**\n * The library failed inside, in a call that has no exception of its own for that. What is on the disk is sound, and the\n \
     * process lives. The text is for developers.\n */\nclass InternalException(",
);

/// The generated code as it is compiled.
pub(crate) fn mend(generated: &str) -> Result<String, String> {
    let mut mended = generated.to_owned();
    for ((from, to), times) in [(CATCHES, 2), (TELLS, 2), (PANIC, 1)] {
        let found = mended.matches(from).count();
        if found != times {
            return Err(format!(
                "the generated Kotlin says {from} {found} times, and not {times}"
            ));
        }
        mended = mended.replace(from, to);
    }
    let lines: Vec<String> = mended
        .split('\n')
        .map(|line| kotlin_words::speak(&qualify(line)))
        .collect();
    Ok(lines.join("\n"))
}

/// Names the type of a field in full. Short, `Limit` is the error's own variant `Limit` inside of the error.
fn qualify(line: &str) -> String {
    let field = line
        .trim_start()
        .strip_prefix("val `")
        .and_then(|rest| rest.split_once("`: "));
    match field {
        Some((_, kind)) if is_ours(kind) => line.replacen("`: ", &format!("`: {PACKAGE}."), 1),
        _ => line.to_owned(),
    }
}

/// A bare name, perhaps of something optional: not `kotlin.String`, and not `List<Amount>`.
fn is_ours(kind: &str) -> bool {
    let name = kind.trim_end().trim_end_matches(',').trim_end_matches('?');
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "class InternalException(message: String) : kotlin.Exception(message)\n";
    const GUARD: &str = "try {\n} catch(e: kotlin.Exception) {\n    val err = try { e.stackTraceToString() } catch(_: Throwable) { \"\" }\n}\n";

    #[test]
    fn callbacks_that_throw_anything_have_failed() {
        let mended = mend(&[OWN, GUARD, GUARD].concat()).unwrap();
        assert_eq!(mended.matches("catch(e: kotlin.Throwable)").count(), 2);
        assert_eq!(mended.matches("try { e.javaClass.name }").count(), 2);
        assert!(!mended.contains("catch(e: kotlin.Exception)") && !mended.contains("stackTrace"));
        assert!(mended.contains(" */\nclass InternalException("));
    }

    #[test]
    fn another_generator_is_found_out() {
        mend(&[OWN, GUARD].concat()).unwrap_err();
        mend(&[OWN, GUARD, GUARD, GUARD].concat()).unwrap_err();
        mend(&[GUARD, GUARD].concat()).unwrap_err();
    }

    #[test]
    fn types_of_fields_are_named_in_full() {
        for (line, mended) in [
            (
                "    val `limit`: Limit, ",
                "    val `limit`: org.dcep.wallet.Limit, ",
            ),
            (
                "    val `atMost`: Amount?",
                "    val `atMost`: org.dcep.wallet.Amount?",
            ),
            ("    val `fen`: kotlin.ULong", "    val `fen`: kotlin.ULong"),
            ("    val `keys`: List<Amount>,", "    val `keys`: List<Amount>,"),
            ("    val limit = Limit()", "    val limit = Limit()"),
        ] {
            assert_eq!(qualify(line), mended);
        }
    }
}
