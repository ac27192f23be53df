//! What the generator of Swift leaves undone, done to what it wrote. Where it writes something else one day, this fails
//! instead of leaving it undone.

use crate::swift_names::{declared_error, lower_error_cases};

/// What every error can be asked, which Swift writes as a property; and the one question with an argument.
const QUESTIONS: [(&str, &str); 4] = [
    ("public func code() -> UInt16  {", "public var code: UInt16 {"),
    ("public func name() -> String  {", "public var name: String {"),
    (
        "public func isRetryable() -> Bool  {",
        "public var isRetryable: Bool {",
    ),
    (
        "public func sentence(language: Language) -> String  {",
        "public func sentence(_ language: Language) -> String {",
    ),
];
/// Where a panic of the library arrives, as an error that nobody outside the file can name; and what is thrown instead.
const PANIC: (&str, &str) = (
    "throw UniffiInternalError.rustPanic(",
    "throw panicked(in: E.self, saying: ",
);

/// Cases in lower case, properties where Swift has properties, panics as errors of the call's family, and every error a
/// `DcepError`.
pub(crate) fn polish(generated: &str) -> Result<String, String> {
    let mut source = lower_error_cases(generated);
    let errors: Vec<String> = source
        .lines()
        .filter_map(declared_error)
        .map(str::to_owned)
        .collect();
    if errors.is_empty() || source.contains("Foundation.LocalizedError {") {
        return Err("uniffi.toml did not take effect on the generated Swift".to_owned());
    }
    for (function, property) in QUESTIONS {
        replace(&mut source, function, property, errors.len())?;
    }
    replace(&mut source, PANIC.0, PANIC.1, 2)?;
    for error in errors {
        source.push_str(&format!("\nextension {error}: DcepError {{}}\n"));
    }
    Ok(source)
}

fn replace(source: &mut String, from: &str, to: &str, times: usize) -> Result<(), String> {
    let found = source.matches(from).count();
    if found != times {
        return Err(format!(
            "{found} times in the generated Swift, not {times}: {from}"
        ));
    }
    *source = source.replace(from, to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "\
            if callStatus.errorBuf.len > 0 {
                throw UniffiInternalError.rustPanic(try FfiConverterString.lift(callStatus.errorBuf))
            } else {
                throw UniffiInternalError.rustPanic(\"Rust panic\")
            }
public 
enum PayError: Swift.Error, Equatable, Hashable {
    case Zero
public func code() -> UInt16  {
public func isRetryable() -> Bool  {
public func name() -> String  {
public func sentence(language: Language) -> String  {
}
";

    #[test]
    fn what_errors_are_asked_are_properties() {
        let polished = polish(GENERATED).unwrap();
        for written in [
            "    case zero\n",
            "public var code: UInt16 {\n",
            "public var isRetryable: Bool {\n",
            "public func sentence(_ language: Language) -> String {\n",
            "throw panicked(in: E.self, saying: \"Rust panic\")\n",
            "\nextension PayError: DcepError {}\n",
        ] {
            assert!(polished.contains(written), "{written}");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_an_error() {
        for (from, to) in [
            ("func code()", "func number()"),
            ("throw UniffiInternalError.rustPanic(\"", "throw Other(\""),
            ("Hashable {", "Hashable, Foundation.LocalizedError {"),
        ] {
            assert!(polish(&GENERATED.replace(from, to)).is_err(), "{from}");
        }
    }
}
