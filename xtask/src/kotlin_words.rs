//! The documentation is written in Rust, and read in Kotlin: names in it become those that Kotlin has for the same things.

/// A line of the generated Kotlin with Kotlin's names in it, if it is one of a comment.
pub(crate) fn speak(line: &str) -> String {
    if !line.trim_start().starts_with('*') {
        return line.to_owned();
    }
    // Every second piece stands between two backticks.
    let pieces = line.split('`').enumerate();
    let spoken: Vec<String> = pieces
        .map(|(number, piece)| match number % 2 {
            0 => piece.to_owned(),
            _ => name(piece),
        })
        .collect();
    spoken.join("`").replace("# Errors", "Throws")
}

/// One name, with a type before it or without.
fn name(rust: &str) -> String {
    match rust {
        "None" => return "null".to_owned(),
        "Short" | "Extended" => return rust.to_uppercase(),
        _ => {}
    }
    let parts: Vec<String> = rust.split('.').map(part).collect();
    parts.join(".")
}

fn part(rust: &str) -> String {
    if let Some(family) = rust.strip_suffix("Error") {
        return format!("{family}Exception");
    }
    let is_snake = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !rust.chars().all(is_snake) {
        return rust.to_owned();
    }
    let mut words = rust.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        camel + &initial.to_uppercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kotlins() {
        for (rust, kotlin) in [
            (
                "     * `None` if not; `Wallet.shut_down` and `await_refund`.",
                "     * `null` if not; `Wallet.shutDown` and `awaitRefund`.",
            ),
            (
                " * `WalletError.Vault` if it says no.",
                " * `WalletException.Vault` if it says no.",
            ),
            ("         * # Errors", "         * Throws"),
            (" * [`AmountError`].", " * [`AmountException`]."),
            (
                " * `Short` frames pass everywhere.",
                " * `SHORT` frames pass everywhere.",
            ),
        ] {
            assert_eq!(speak(rust), kotlin);
        }
    }

    #[test]
    fn everything_else_stays() {
        for line in [
            "    override fun `none`(`tear_after`: None)",
            " * A locale such as `zh_CN.UTF-8`, a name like `balance-limit`, `POST /v1/calls`, `Platform`, `37.45`, None.",
        ] {
            assert_eq!(speak(line), line);
        }
    }
}
