//! The last program of the suite: what the long tests went through. See `tests::counts`.

#![allow(clippy::print_stdout, reason = "this program is there to print")]

fn main() {
    let told = tests::counts::told();
    if told.is_empty() {
        println!("no counts: none of the long tests ran");
    } else {
        println!("what the tests went through:");
        let width = told.iter().map(|(test, _)| test.len()).max().unwrap_or_default();
        for (test, counts) in &told {
            println!("  {test:<width$}  {counts}");
        }
    }
    // As a test program ends, for those who count.
    println!("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}
