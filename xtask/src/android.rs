//! The package for Android, `cargo xtask package android`: the library for each kind of phone, and the AAR around them.
//!
//! It takes Android's NDK, which has the linker and the C library of a phone. Where something is missing, nothing is made,
//! and it is said what.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::{
    bindings::{self, Language},
    cargo::{self, Workspace},
    ship, targets,
};

/// A kind of phone, as Rust, as Android, and as the NDK's compiler call it.
struct Phone {
    triple: &'static str,
    abi: &'static str,
    compiler: &'static str,
}

/// The compilers are those of Android 8, the oldest that the packages run on.
const PHONES: [Phone; 3] = [
    Phone {
        triple: "aarch64-linux-android",
        abi: "arm64-v8a",
        compiler: "aarch64-linux-android26-clang",
    },
    Phone {
        triple: "armv7-linux-androideabi",
        abi: "armeabi-v7a",
        compiler: "armv7a-linux-androideabi26-clang",
    },
    Phone {
        triple: "x86_64-linux-android",
        abi: "x86_64",
        compiler: "x86_64-linux-android26-clang",
    },
];

/// The addresses that the loader moves, in the form that Android reads since 6. The form of other Linux it reads since 9 only.
const ADDRESSES: [&str; 1] = ["-Clink-arg=-Wl,--pack-dyn-relocs=android"];

/// Where the NDK says that it is.
const NDK: [&str; 2] = ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"];

/// Builds it all, or says what is missing.
pub(crate) fn package(workspace: &Workspace) -> Result<ExitCode, String> {
    let ndk = NDK.into_iter().find_map(env::var_os).map(PathBuf::from);
    let tools = ndk.as_deref().and_then(tools);
    let missing = missing(tools.as_deref(), targets::is_installed);
    let Some(tools) = tools.filter(|_| missing.is_empty()) else {
        let list: String = missing.iter().map(|what| format!("\n  - {what}")).collect();
        return Err(format!("package android: not built. What is missing:{list}"));
    };
    let libraries = workspace.target.join("package").join("android");
    for phone in &PHONES {
        let library = libraries.join(phone.abi).join("libdcep_wallet.so");
        phone.build(workspace, &tools, &library)?;
        ship::look(&library)?;
    }
    // What is generated is the same for every machine, so this one's library tells it.
    let sources = bindings::generate(
        workspace,
        Language::Kotlin,
        &ship::build(workspace)?.whole,
        "android",
    )?;
    let packages = workspace.root.join("bindings").join("kotlin");
    let mut maven = cargo::maven(&packages);
    maven
        .arg("-Dmaven.test.skip=true")
        .arg(format!("-Dbindings.generated={}", sources.display()))
        .arg(format!("-Dandroid.libraries={}", libraries.display()))
        .arg("package");
    cargo::succeed(&mut maven)?;
    println!("libraries {}", libraries.display());
    println!("generated {}", sources.display());
    println!("packages  {}/*/target", packages.display());
    Ok(ExitCode::SUCCESS)
}

/// The NDK's programs: they lie in a folder that is named after the machine that they run on.
fn tools(ndk: &Path) -> Option<PathBuf> {
    let machines = fs::read_dir(ndk.join("toolchains/llvm/prebuilt")).ok()?;
    machines
        .flatten()
        .map(|machine| machine.path().join("bin"))
        .find(|folder| folder.is_dir())
}

/// In words for whoever is to install it.
fn missing(tools: Option<&Path>, is_installed: impl Fn(&str) -> Result<bool, String>) -> Vec<String> {
    let mut missing = Vec::new();
    match tools {
        None => missing.push(format!(
            "the Android NDK, r27 or newer, and the variable {} with its folder: it has a linker and a C library for phones",
            NDK[0]
        )),
        Some(tools) => missing.extend(
            PHONES
                .iter()
                .filter(|phone| !tools.join(phone.compiler).exists())
                .map(|phone| format!("{} in the NDK", phone.compiler)),
        ),
    }
    for phone in PHONES {
        if !is_installed(phone.triple).unwrap_or(false) {
            missing.push(format!(
                "the standard library for {0}: rustup target add {0}",
                phone.triple
            ));
        }
    }
    if !cargo::answers("mvn", "--version") {
        missing.push("Maven, with a JDK of 17".to_owned());
    }
    missing
}

impl Phone {
    /// The library as it ships, stripped, at this place.
    fn build(&self, workspace: &Workspace, tools: &Path, library: &Path) -> Result<(), String> {
        let compiler = tools.join(self.compiler);
        let linker = workspace.root.join("bindings").join("tools").join("ship-linker");
        let mut rustc = ship::rustc(workspace, &[ship::ELF, &ADDRESSES].concat());
        let upper = self.triple.to_uppercase().replace('-', "_");
        let lower = self.triple.replace('-', "_");
        rustc
            .env("CARGO_BUILD_TARGET", self.triple)
            .env(format!("CARGO_TARGET_{upper}_LINKER"), linker)
            .env("SHIP_LINKER", &compiler)
            .env(format!("CC_{lower}"), &compiler)
            .env(format!("AR_{lower}"), tools.join("llvm-ar"));
        cargo::succeed(&mut rustc)?;
        let folder = library.parent().ok_or("a library is in a folder")?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let built = workspace
            .target
            .join(self.triple)
            .join("ship")
            .join("libdcep_wallet.so");
        let mut strip = Command::new(tools.join("llvm-strip"));
        cargo::succeed(strip.arg("--strip-unneeded").arg("-o").arg(library).arg(built))
    }
}

/// What an archive has in it besides the libraries.
const PARTS: [&str; 5] = [
    "AndroidManifest.xml",
    "R.txt",
    "classes.jar",
    "proguard.txt",
    "res/xml/dcep_wallet_apdu.xml",
];

/// Files in the places of the libraries, to see that an archive is made around them.
pub(crate) fn stand_ins(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target.join("package").join("android-stand-ins");
    for phone in &PHONES {
        let library = folder.join(phone.abi);
        fs::create_dir_all(&library).map_err(|error| format!("{}: {error}", library.display()))?;
        let library = library.join("libdcep_wallet.so");
        fs::write(&library, "not a library").map_err(|error| format!("{}: {error}", library.display()))?;
    }
    Ok(folder)
}

/// Whether the archive that was made around stand-ins is whole, and whether none is made where one is missing.
pub(crate) fn check_archive(workspace: &Workspace, stand_ins: &Path) -> Result<(), String> {
    let packages = workspace.root.join("bindings").join("kotlin");
    let version = workspace.version("bindings")?;
    let archive = packages.join(format!("wallet-android/target/wallet-android-{version}.aar"));
    let listed = cargo::text_of(Command::new("jar").arg("tf").arg(&archive))?;
    // It is no archive for anybody.
    fs::remove_file(&archive).map_err(|error| format!("{}: {error}", archive.display()))?;
    let libraries = PHONES.map(|phone| format!("jni/{}/libdcep_wallet.so", phone.abi));
    for part in PARTS.into_iter().chain(libraries.iter().map(String::as_str)) {
        if !listed.lines().any(|line| line == part) {
            return Err(format!("the archive has no {part}:\n{listed}"));
        }
    }
    let gone = stand_ins.join("x86_64").join("libdcep_wallet.so");
    fs::remove_file(&gone).map_err(|error| format!("{}: {error}", gone.display()))?;
    let mut maven = cargo::maven(&packages);
    maven
        .args(["--offline", "--quiet", "validate"])
        .arg(format!("-Dandroid.libraries={}", stand_ins.display()));
    let answer = maven.output().map_err(|error| format!("mvn: {error}"))?;
    let said = String::from_utf8_lossy(&answer.stdout);
    if answer.status.success() || !said.contains(&gone.display().to_string()) {
        return Err(format!("without {} there is an archive:\n{said}", gone.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_ndk_it_says_so() {
        let missing = missing(None, |_| Ok(true));
        assert!(
            missing.iter().any(|what| what.contains("ANDROID_NDK_HOME")),
            "{missing:?}"
        );
    }

    #[test]
    fn every_compiler_and_every_target_is_asked_for() {
        let nowhere = Path::new("/nowhere");
        let missing = missing(Some(nowhere), |_| Ok(false));
        for phone in PHONES {
            assert!(
                missing.iter().any(|what| what.starts_with(phone.compiler)),
                "{missing:?}"
            );
            assert!(
                missing.iter().any(|what| what.contains(phone.triple)),
                "{missing:?}"
            );
        }
    }
}
