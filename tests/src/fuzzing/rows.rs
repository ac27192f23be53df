//! The reader of sealed rows.

use tempfile::TempDir;
use wallet_core::{
    StoreError,
    store::fuzzing::{Content, KINDS, Planted, Soil},
};

use super::input::Input;

thread_local! {
    static SOIL: (Soil, TempDir) = soil();
}

fn soil() -> (Soil, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let soil = Soil::new(folder.path()).expect("a store");
    (soil, folder)
}

/// Rows, each with its kind, whether it is sealed, and its content.
///
/// A row that is understood is written again as something that is understood in the same way; one that was not sealed is
/// never understood.
pub fn rows(data: &[u8]) {
    let mut input = Input::new(data);
    let mut planted = Vec::new();
    let mut unsealed = [false; KINDS];
    while !input.is_empty() && planted.len() < 64 {
        let kind = input.below(KINDS);
        let sealed = !input.byte().is_multiple_of(4);
        let content = input.chunk();
        unsealed[kind] = !sealed;
        planted.push(Planted {
            kind,
            content: if sealed {
                Content::Sealed(content)
            } else {
                Content::Raw(content)
            },
        });
    }
    SOIL.with(|(soil, _)| {
        let first = soil.read(&planted).expect("rows can be planted");
        for (kind, read) in first.iter().enumerate() {
            match read {
                Ok(rows) if planted.len() == 1 && unsealed[kind] => {
                    assert!(rows.is_empty(), "a forged row was read")
                }
                Ok(rows) => {
                    for row in rows.iter().filter(|_| planted.iter().any(|row| row.kind == kind)) {
                        let again = Planted {
                            kind,
                            content: Content::Sealed(row),
                        };
                        again_alike(soil, again, row);
                    }
                }
                Err(error) => assert_eq!(*error, StoreError::Damaged),
            }
        }
    });
}

fn again_alike(soil: &Soil, planted: Planted<'_>, row: &[u8]) {
    let read = soil.read(&[planted]).expect("a row can be planted");
    let rows = read[planted.kind].as_ref().expect("what was written reads");
    assert!(
        rows.iter().any(|again| again == row),
        "a row was written in two ways"
    );
}
