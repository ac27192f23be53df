//! The Swift tests: the package in `bindings/swift` and the app in `ios-demo`, against the library as it was just built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindings::{self, Language};
use crate::cargo::{self, Workspace};
use crate::junit;
use crate::report::{Report, Tests};

const FOLDER: &str = "bindings/swift";
/// The same sources with stand-ins for Apple's frameworks, where the real ones are not.
const STUBS: &str = "bindings/swift/AppleStubs";
/// The demo app: what its screens decide is tested, and on Linux its views are compiled against stand-ins for SwiftUI.
const DEMO: &str = "ios-demo";
/// Finds or installs Swift, and runs what is to be run with it.
const TOOLCHAIN: &str = ".ci/swift-toolchain";

/// Builds the library, generates the Swift code that calls it, then runs the package's tests.
pub(crate) fn run(report: &mut Report, workspace: &Workspace) {
    if !toolchain_is_here(workspace) {
        report.skip("swift", &format!("there is no Swift 6 here; {TOOLCHAIN} install"));
        return;
    }
    let library = report.stage("swift: library", || {
        let made = bindings::make(workspace, Language::Swift)?;
        place(&made.sources, &workspace.root.join(FOLDER))?;
        Ok(made.library)
    });
    let Some(library) = library else { return };
    let Some(bank) = report.stage("swift: bank", || bindings::bank(workspace)) else {
        return;
    };
    let mut packages = vec![("swift", FOLDER), ("ios demo", DEMO)];
    if !cfg!(target_os = "macos") {
        packages.push(("swift stubs", STUBS));
    }
    for (name, folder) in packages {
        let package = Package {
            workspace,
            library: &library,
            bank: &bank,
            name,
            folder,
        };
        let built = report.stage(&format!("{name}: build"), || package.build());
        let tests = built.and_then(|()| report.stage(&format!("{name}: tests"), || package.test()));
        if let Some(tests) = tests {
            report.add(tests);
        }
    }
}

/// Puts what was generated into the package, each file into the folder of its own target. A file that has not changed
/// keeps its time, so that Swift does not compile it again.
fn place(sources: &Path, package: &Path) -> Result<(), String> {
    for (name, target) in [
        ("DcepWallet.swift", "Sources/DcepWallet/Generated"),
        ("DcepWalletFFI.h", "Sources/DcepWalletFFI"),
    ] {
        let folder = package.join(target);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (from, to) = (sources.join(name), folder.join(name));
        let generated = fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
        if fs::read(&to).is_ok_and(|placed| placed == generated) {
            continue;
        }
        fs::write(&to, generated).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(())
}

fn toolchain_is_here(workspace: &Workspace) -> bool {
    let status = toolchain(workspace).arg("check").status();
    status.is_ok_and(|status| status.success())
}

fn toolchain(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace.root.join(TOOLCHAIN));
    command
        .env("CARGO_TARGET_DIR", &workspace.target)
        .current_dir(&workspace.root);
    cargo::forget_this_package(&mut command);
    command
}

/// A Swift package with tests, and the library that it calls.
struct Package<'a> {
    workspace: &'a Workspace,
    library: &'a Path,
    bank: &'a Path,
    name: &'a str,
    folder: &'a str,
}

impl Package<'_> {
    fn build(&self) -> Result<(), String> {
        cargo::succeed(self.swift("build")?.arg("--build-tests"))
    }

    /// The counts come from the file that Swift Testing writes: what it prints is mixed with what tests print. If the
    /// tests' process dies, there is no file.
    fn test(&self) -> Result<Tests, String> {
        let results = self.scratch().join("results-swift-testing.xml");
        if results.exists() {
            fs::remove_file(&results).map_err(|error| format!("{}: {error}", results.display()))?;
        }
        let mut command = self.swift("test")?;
        command
            // With XCTest disabled Swift writes no file at all; enabled, it finds no test and says so.
            .args(["--skip-build", "--xunit-output"])
            .arg(self.scratch().join("results.xml")); // to which Swift adds which of its two frameworks it was
        let status = command
            .status()
            .map_err(|error| format!("{}: {error}", cargo::shown(&command)))?;
        let xml = fs::read_to_string(&results)
            .map_err(|_| format!("the tests did not come to an end: {status}"))?;
        let tests = junit::read_results(self.name, &xml);
        match (status.success(), tests.counts.failed) {
            (true, 0) if tests.counts.passed == 0 => Err(format!("no test ran in {}", self.folder)),
            (true, 0) | (false, 1..) => Ok(tests),
            (_, failed) => Err(format!("swift test: {status}, with {failed} failed")),
        }
    }

    /// Swift's package manager, for this package and this library.
    fn swift(&self, verb: &str) -> Result<Command, String> {
        let libraries = self.library.parent().ok_or("the library is in no folder")?;
        let mut command = toolchain(self.workspace);
        command
            .env("DCEP_BANK_PROGRAM", self.bank)
            .args(["run", "swift", verb, "--package-path"])
            .arg(self.workspace.root.join(self.folder))
            .arg("--scratch-path")
            .arg(self.scratch())
            .args(["-Xlinker".to_owned(), format!("-L{}", libraries.display())])
            .args(["-Xlinker", "-rpath", "-Xlinker"])
            .arg(libraries);
        Ok(command)
    }

    fn scratch(&self) -> PathBuf {
        self.workspace.target.join("swift").join(self.folder)
    }
}
