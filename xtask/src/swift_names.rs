//! Swift writes the cases of an enum in lower case; the generator does so for enums, but not for errors.

/// Words of the language, which are a name only between backticks.
const KEYWORDS: [&str; 53] = [
    "as",
    "associatedtype",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "default",
    "defer",
    "deinit",
    "do",
    "else",
    "enum",
    "extension",
    "fallthrough",
    "false",
    "fileprivate",
    "for",
    "func",
    "guard",
    "if",
    "import",
    "in",
    "init",
    "inout",
    "internal",
    "is",
    "let",
    "nil",
    "open",
    "operator",
    "precedencegroup",
    "private",
    "protocol",
    "public",
    "repeat",
    "rethrows",
    "return",
    "self",
    "static",
    "struct",
    "subscript",
    "super",
    "switch",
    "throw",
    "throws",
    "true",
    "try",
    "typealias",
    "var",
    "where",
    "while",
];

/// Lowers the first letter of every case of every error in generated Swift code: where it is declared, and where the
/// generator's own code makes and matches it. Nothing else in the file names a case of an error.
pub(crate) fn lower_error_cases(source: &str) -> String {
    let mut lowered = String::with_capacity(source.len());
    let errors: Vec<&str> = source.lines().filter_map(declared_error).collect();
    let mut in_error = false;
    for line in source.split_inclusive('\n') {
        let body = line.trim_end();
        if body.starts_with('}') {
            in_error = false;
        } else if declared_error(body).is_some()
            || converter_of(body).is_some_and(|name| errors.contains(&name))
        {
            in_error = true;
        }
        match in_error.then(|| case_at(line)).flatten() {
            Some(at) => {
                let (before, name) = line.split_at(at);
                lowered.push_str(before);
                let end = name
                    .find(|letter: char| !letter.is_ascii_alphanumeric())
                    .unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                let name = lower_first_word(name);
                if KEYWORDS.contains(&name.as_str()) {
                    lowered.push_str(&format!("`{name}`"));
                } else {
                    lowered.push_str(&name);
                }
                lowered.push_str(after);
            }
            None => lowered.push_str(line),
        }
    }
    lowered
}

/// `enum WalletError: Swift.Error, Equatable {`
pub(crate) fn declared_error(line: &str) -> Option<&str> {
    let declaration = line.strip_prefix("public ").unwrap_or(line);
    let (name, conformances) = declaration.strip_prefix("enum ")?.split_once(": ")?;
    conformances.starts_with("Swift.Error").then_some(name)
}

/// `public struct FfiConverterTypeWalletError: FfiConverterRustBuffer {`
fn converter_of(line: &str) -> Option<&str> {
    let (name, _) = line
        .strip_prefix("public struct FfiConverterType")?
        .split_once(':')?;
    Some(name)
}

/// Where the name of a case begins, in the four forms in which the generator writes one.
fn case_at(line: &str) -> Option<usize> {
    let body = line.trim_start();
    let indent = line.len() - body.len();
    let forms = ["case let .", "case .", "case "];
    if let Some(form) = forms.iter().find(|form| body.starts_with(**form)) {
        let digits = body
            .get(form.len()..)?
            .starts_with(|next: char| next.is_ascii_digit());
        if !digits {
            return Some(indent + form.len());
        }
    }
    let made = "return .";
    let at = body.find(made)?; // `case 3: return .Limit(`
    body.starts_with("case ").then_some(indent + at + made.len())
}

/// `Limit` becomes `limit`; `URLError` becomes `urlError`, as Swift's own names do.
fn lower_first_word(name: &str) -> String {
    let capitals = name.chars().take_while(char::is_ascii_uppercase).count();
    let next_is_lower = name
        .chars()
        .nth(capitals)
        .is_some_and(|next| next.is_ascii_lowercase());
    let lowered = if capitals > 1 && next_is_lower {
        capitals - 1
    } else {
        capitals
    };
    name.chars()
        .enumerate()
        .map(|(at, letter)| {
            if at < lowered {
                letter.to_ascii_lowercase()
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "\
public enum Limit: Equatable, Hashable {
    case perDay
}
public struct FfiConverterTypeLimit: FfiConverterRustBuffer {
        case 1: return .perDay
}
public 
enum PayError: Swift.Error, Equatable, Hashable {
    case Internal
    case Guard
    case URLError(
        url: String
    )
    // Internal
}
public struct FfiConverterTypePayError: FfiConverterRustBuffer {
        case 1: return .Internal
        case 2: return .URLError(
            url: try FfiConverterString.read(from: &buf)
         default: throw UniffiInternalError.unexpectedEnumCase
        case .Internal:
        case let .URLError(url):
}
fileprivate enum UniffiInternalError: LocalizedError {
    case Kept
}
";

    #[test]
    fn cases_of_errors_are_lowered_and_nothing_else() {
        let lowered = lower_error_cases(GENERATED);
        let changed: Vec<&str> = GENERATED
            .lines()
            .zip(lowered.lines())
            .filter_map(|(before, after)| (before != after).then_some(after.trim()))
            .collect();
        assert_eq!(
            changed,
            [
                "case `internal`",
                "case `guard`",
                "case urlError(",
                "case 1: return .`internal`",
                "case 2: return .urlError(",
                "case .`internal`:",
                "case let .urlError(url):"
            ]
        );
        assert_eq!(lowered.lines().count(), GENERATED.lines().count());
    }

    #[test]
    fn what_is_lowered_stays_as_it_is() {
        let once = lower_error_cases(GENERATED);
        assert_eq!(lower_error_cases(&once), once);
    }
}
