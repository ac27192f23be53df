//! The project's recipes: what people and CI both run, as `cargo xtask VERB`.

mod android;
mod bindings;
mod cargo;
mod ci;
mod fuzz;
mod junit;
mod kotlin_source;
mod kotlin_tests;
mod kotlin_words;
mod libtest;
mod mutants;
mod package;
mod programs;
mod python_tests;
mod report;
mod rust_tests;
mod ship;
mod soak;
mod swift_names;
mod swift_polish;
mod swift_tests;
mod targets;
mod test;
mod vectors;

use std::process::ExitCode;

use test::Part;

const USAGE: &str = "\
usage: cargo xtask VERB
  test [--only rust|kotlin|swift|python]   run every test, or those of one part
  ci                                       format, lints, docs, dependencies, then the tests
  fuzz [TARGET] [--seconds N] [--keep]     fuzz one target or each, by default for a minute; --keep what adds to a corpus
  mutants [FILE[:LINE]...]                 break what keeps the money in every small way; the tests must notice
  soak --handoffs N [--seed S]             live simulated towns until N payments were begun
  soak --town SEED                         live one of them, and print what happens
  bindings kotlin|swift|python             build the library, and generate that language from it
  package android|ios|python [--sandbox]   what is handed out, under target/package; --sandbox for tests, in Python
  size [--check]                           build the library as it ships, and write bindings/SIZE.md; --check compares
  targets                                  check the bindings for phones, and test the core on an emulated ARM64
  vectors [--check]                        write tests/vectors anew; --check fails if they change";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test"] => test::run(&Part::ALL),
        ["test", "--only", "rust"] => test::run(&[Part::Rust]),
        ["test", "--only", "python"] => test::run(&[Part::Python]),
        ["test", "--only", "kotlin"] => test::run(&[Part::Kotlin]),
        ["test", "--only", "swift"] => test::run(&[Part::Swift]),
        ["ci"] => ci::run(),
        ["fuzz", words @ ..] => fuzz::run(words),
        ["mutants", files @ ..] => mutants::run(files),
        ["soak", words @ ..] => soak::run(words),
        ["bindings", language] => bindings::print(language),
        ["bindings", "polish-swift", file] => bindings::polish_swift(file),
        ["package", words @ ..] => package::run(words),
        ["size"] => ship::run(false),
        ["size", "--check"] => ship::run(true),
        ["targets"] => targets::run(),
        ["vectors"] => vectors::make(),
        ["vectors", "--check"] => vectors::check(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    };
    outcome.unwrap_or_else(|reason| {
        eprintln!("{reason}");
        ExitCode::FAILURE
    })
}
