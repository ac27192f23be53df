//! The Kotlin tests: the packages in `bindings/kotlin` and the app in `android-demo`, built and tested by Maven against the
//! library as it was just built.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use crate::android;
use crate::bindings::{self, Bindings, Language};
use crate::cargo::{self, Workspace};
use crate::junit;
use crate::report::{Report, Tests};

/// Something that Maven builds.
struct Project {
    name: &'static str,
    folder: &'static str,
    /// The folders in it that have tests.
    modules: &'static [&'static str],
    /// How far Maven goes.
    goal: &'static str,
}

/// To be installed: the demo takes them from where a stranger's app would.
const PACKAGES: Project = Project {
    name: "kotlin",
    folder: "bindings/kotlin",
    modules: &["wallet", "wallet-android"],
    goal: "install",
};
const DEMO: Project = Project {
    name: "android-demo",
    folder: "android-demo",
    modules: &[""],
    goal: "verify",
};
/// Where each module keeps what its tests came to.
const REPORTS: &str = "surefire-reports";

/// Builds the library, generates the Kotlin code that calls it, then has Maven build and test the packages.
pub(crate) fn run(report: &mut Report, workspace: &Workspace) {
    if let Err(reason) = tools_are_here() {
        report.skip("kotlin", &reason);
        return;
    }
    if report
        .stage("kotlin: versions", || versions_agree(workspace))
        .is_none()
    {
        return;
    }
    let made = report.stage("kotlin: library and bindings", || {
        bindings::make(workspace, Language::Kotlin)
    });
    let Some(made) = made else { return };
    let given = report.stage("kotlin: bank", || {
        Ok(Given {
            made,
            bank: bindings::bank(workspace)?,
            phones: android::stand_ins(workspace)?,
        })
    });
    let Some(given) = given else { return };
    let tests = report.stage("kotlin: tests", || test(workspace, &PACKAGES, &given));
    let Some(tests) = tests else { return };
    report.add(tests);
    report.stage("kotlin: archive for Android", || {
        android::check_archive(workspace, &given.phones)
    });
    if !cargo::answers("aapt2", "version") {
        report.skip("android-demo", "there is no aapt2 (Debian: apt-get install aapt)");
        return;
    }
    if let Some(tests) = report.stage("android-demo: tests", || test(workspace, &DEMO, &given)) {
        report.add(tests);
    }
}

/// What the packages are built and tested with.
struct Given {
    made: Bindings,
    /// The bank's program.
    bank: PathBuf,
    /// What stands for the libraries for phones.
    phones: PathBuf,
}

fn tools_are_here() -> Result<(), String> {
    for (program, argument) in [("mvn", "--version"), ("javac", "-version")] {
        if !cargo::answers(program, argument) {
            return Err(format!(
                "there is no {program} (Debian: apt-get install maven openjdk-17-jdk-headless)"
            ));
        }
    }
    Ok(())
}

/// What is published in Kotlin has the version of the library in it.
fn versions_agree(workspace: &Workspace) -> Result<(), String> {
    let wanted = workspace.version("bindings")?;
    for pom in [PACKAGES, DEMO]
        .iter()
        .flat_map(|project| poms(workspace, project))
    {
        let text = read(&pom)?;
        match version(&text) {
            Some(found) if found == wanted => {}
            found => {
                let found = found.unwrap_or("none");
                return Err(format!("{}: version {found}, not {wanted}", pom.display()));
            }
        }
    }
    Ok(())
}

/// The version that a POM says first: its own, or that of its parent.
fn version(pom: &str) -> Option<&str> {
    Some(pom.split_once("<version>")?.1.split_once("</version>")?.0)
}

fn poms(workspace: &Workspace, project: &Project) -> Vec<PathBuf> {
    let folder = workspace.root.join(project.folder);
    let modules = project.modules.iter().map(|module| folder.join(module));
    let mut poms: Vec<PathBuf> = std::iter::once(folder.clone())
        .chain(modules)
        .map(|folder| folder.join("pom.xml"))
        .collect();
    poms.dedup();
    poms
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Maven says of a failed test no more than that there was one; each module's reports say which.
fn test(workspace: &Workspace, project: &Project, given: &Given) -> Result<Tests, String> {
    // Without the classes of the last time, whose sources may be gone.
    for leftover in ["classes", "test-classes", REPORTS] {
        for folder in in_modules(workspace, project, leftover) {
            if folder.exists() {
                fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            }
        }
    }
    let status = maven(workspace, project, given)?;
    let mut tests = Tests::default();
    for reports in in_modules(workspace, project, REPORTS) {
        let of_module = read_reports(&reports, project.name)?;
        if status.success() && of_module.counts.passed + of_module.counts.failed == 0 {
            return Err(format!("no test ran in {}", reports.display()));
        }
        tests.add(of_module);
    }
    if status.success() {
        Ok(tests)
    } else {
        // Failed tests do not make Maven fail here: this is something else.
        Err(format!("mvn: {status}"))
    }
}

/// What Maven made under this name, of each module.
fn in_modules(workspace: &Workspace, project: &Project, name: &str) -> Vec<PathBuf> {
    let folder = workspace.root.join(project.folder);
    project
        .modules
        .iter()
        .map(|module| folder.join(module).join("target").join(name))
        .collect()
}

fn read_reports(folder: &Path, name: &str) -> Result<Tests, String> {
    let mut tests = Tests::default();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(tests);
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "xml"));
    files.sort();
    for file in files {
        tests.add(junit::read_results(name, &read(&file)?));
    }
    Ok(tests)
}

/// Runs Maven: without a network if everything was fetched for exactly these POMs before, and with it if that turns out
/// not to be so.
fn maven(workspace: &Workspace, project: &Project, given: &Given) -> Result<ExitStatus, String> {
    let poms: Vec<String> = poms(workspace, project)
        .iter()
        .map(|pom| read(pom))
        .collect::<Result<_, _>>()?;
    let poms = poms.concat();
    let stamp = workspace.target.join(format!("{}-fetched-for.txt", project.name));
    if fs::read_to_string(&stamp).is_ok_and(|fetched_for| fetched_for == poms) {
        let (status, is_missing) = run_maven(workspace, project, given, true)?;
        if status.success() || !is_missing {
            return Ok(status);
        }
        println!("something that had been fetched is gone: once more, with the network");
    }
    let (status, _) = run_maven(workspace, project, given, false)?;
    if status.success() {
        fs::write(&stamp, poms).map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    Ok(status)
}

/// How Maven ended, and whether it missed something that only the network has.
fn run_maven(
    workspace: &Workspace,
    project: &Project,
    given: &Given,
    offline: bool,
) -> Result<(ExitStatus, bool), String> {
    let library = given.made.library.parent().ok_or("the library is in no folder")?;
    let mut command = cargo::maven(&workspace.root.join(project.folder));
    command
        .args(offline.then_some("--offline"))
        .arg(format!("-Dbindings.generated={}", given.made.sources.display()))
        .arg(format!("-Dbindings.library={}", library.display()))
        .arg(format!("-Dbindings.bank={}", given.bank.display()))
        .arg(format!("-Dandroid.libraries={}", given.phones.display()))
        // The modules after the one with a failed test have tests, too.
        .args(["-Dmaven.test.failure.ignore=true", project.goal])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let said = |error| format!("mvn: {error}");
    let mut child = command.spawn().map_err(said)?;
    let mut is_missing = false;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(said)?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            is_missing |= line.contains("in offline mode");
        }
    }
    let status = child.wait().map_err(said)?;
    Ok((status, is_missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_pom_is_its_own_or_its_parents() {
        let own = "<project><artifactId>a</artifactId><version>0.1.0</version><properties>";
        let of_parent =
            "<parent><version>0.2.0</version></parent><dependency><version>9</version></dependency>";
        assert_eq!(version(own), Some("0.1.0"));
        assert_eq!(version(of_parent), Some("0.2.0"));
        assert_eq!(version("<project/>"), None);
    }

    #[test]
    fn every_version_is_the_workspaces() {
        versions_agree(&Workspace::load().unwrap()).unwrap();
    }
}
