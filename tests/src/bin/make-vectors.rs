//! Writes the vectors of `tests/vectors` and the worked example of `docs/wire-format.md` anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for developers")]

use std::fs;

use tests::vectors::{BEGIN, END, files, folder, wire_format, worked_example};

fn main() {
    for (name, content) in files() {
        fs::write(folder().join(name), content).unwrap();
    }
    let text = fs::read_to_string(wire_format()).unwrap();
    let (before, rest) = text
        .split_once(BEGIN)
        .expect("the worked example has a beginning");
    let (_, after) = rest.split_once(END).expect("the worked example has an end");
    fs::write(wire_format(), format!("{before}{}{after}", worked_example())).unwrap();
}
