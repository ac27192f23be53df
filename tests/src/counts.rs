//! What the long tests went through, told again when all of them are done.
//!
//! Every test program runs by itself, and the harness keeps what a passing test prints. A test that has counted something
//! worth knowing says so with [`tell`]; the last program of the suite, `zz_counts`, prints what was told since it last ran.

use std::{
    env, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Tells that `test` has gone through this, on the spot and at the end of the suite.
pub fn tell(test: &str, counts: &str) {
    // Past the harness, which keeps what is printed.
    let _shown = writeln!(io::stderr(), "{test}: {counts}");
    if let Some(folder) = folder() {
        let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(test), counts));
        debug_assert!(kept.is_ok(), "{kept:?}");
    }
}

/// What was told since this was last asked, test by test.
#[must_use]
pub fn told() -> Vec<(String, String)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut told: Vec<_> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let counts = fs::read_to_string(&path).ok()?;
            Some((path.file_name()?.to_string_lossy().into_owned(), counts))
        })
        .collect();
    told.sort();
    let _gone = fs::remove_dir_all(&folder);
    told
}

/// Beside the folder of the test programs.
fn folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    Some(program.parent().and_then(Path::parent)?.join("counts"))
}
