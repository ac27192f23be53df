//! The library as it is shipped: small, and looked at before it goes.

use std::{
    env::consts::{ARCH, OS},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::bindings;
use crate::cargo::{self, Workspace};

/// The most that an architecture may add to an app, in bytes: stripped, and as an app is downloaded.
const MOST_BYTES: u64 = 3_000_000;
const MOST_GZIPPED: u64 = 1_400_000;

/// Android maps libraries in pages of 16 KB.
const PAGE: u64 = 16 * 1024;

/// For the linkers of Linux and Android: functions that are the same are there once, and segments lie in pages of 16 KB.
pub(crate) const ELF: &[&str] = &[
    "-Clink-arg=-Wl,--icf=all",
    "-Clink-arg=-Wl,-z,max-page-size=16384",
];

/// SQLite's frames are never unwound: no panic passes through them.
const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables -fomit-frame-pointer";

/// The shared library of this machine: with what other languages are generated from, and without.
pub(crate) struct Shipped {
    pub(crate) whole: PathBuf,
    pub(crate) stripped: PathBuf,
}

/// `cargo xtask size`: writes the report, or fails if the committed one is wrong.
pub(crate) fn run(check: bool) -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let shipped = build(&workspace)?;
    report(&workspace, &shipped, check)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds it without the sandbox: first as the generators read it, then as it goes out.
pub(crate) fn build(workspace: &Workspace) -> Result<Shipped, String> {
    let name = bindings::library_name();
    let built = workspace.target.join("ship").join(&name);
    let folder = workspace.target.join("package").join("library");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (whole, stripped) = (folder.join(format!("whole-{name}")), folder.join(&name));
    let mut flags: Vec<&str> = Vec::new();
    if OS == "linux" {
        flags.extend(ELF);
        // Three thousand addresses that the loader moves, as a bitmap.
        flags.push("-Clink-arg=-Wl,-z,pack-relative-relocs");
    }
    cargo::succeed(&mut rustc(workspace, &flags))?;
    fs::copy(&built, &whole).map_err(|error| format!("{}: {error}", whole.display()))?;
    if OS == "linux" {
        let linker = workspace.root.join("bindings").join("tools").join("ship-linker");
        let linker = format!("-Clinker={}", linker.display());
        flags.push(&linker);
        cargo::succeed(&mut rustc(workspace, &flags))?;
    }
    strip(&built, &stripped)?;
    Ok(Shipped { whole, stripped })
}

/// Builds the library as it ships, but for the symbols in it, with these flags for its linker.
pub(crate) fn rustc(workspace: &Workspace, flags: &[&str]) -> Command {
    let mut rustc = cargo::command(&[
        "rustc",
        "-p",
        "bindings",
        "--profile",
        "ship",
        "--crate-type",
        "cdylib",
        "--",
    ]);
    rustc
        .args(flags)
        .current_dir(&workspace.root)
        .env("CFLAGS", C_FLAGS);
    rustc
}

/// A copy of a library without what only debuggers read. Generating comes first: it reads more than that.
pub(crate) fn strip(library: &Path, stripped: &Path) -> Result<(), String> {
    let what = if cfg!(target_os = "macos") {
        "-x"
    } else {
        "--strip-unneeded"
    };
    let mut strip = Command::new("strip");
    strip.arg(what).arg("-o").arg(stripped).arg(library);
    cargo::succeed(&mut strip)
}

/// Measures and looks: size, page alignment, and what it shows to the linker. `bindings/SIZE.md` says what was found; with
/// `check` the committed page must be right to within two parts in a hundred, for compilers differ.
pub(crate) fn report(workspace: &Workspace, shipped: &Shipped, check: bool) -> Result<(), String> {
    let bytes = fs::metadata(&shipped.stripped)
        .map_err(|error| format!("{}: {error}", shipped.stripped.display()))?;
    let (bytes, gzipped) = (bytes.len(), gzipped(&shipped.stripped)?);
    println!("{ARCH} {OS}: {bytes} bytes stripped, {gzipped} gzipped");
    if OS == "linux" {
        look(&shipped.stripped)?;
    }
    if bytes > MOST_BYTES || gzipped > MOST_GZIPPED {
        return Err(format!(
            "the library may have {MOST_BYTES} bytes, and {MOST_GZIPPED} gzipped"
        ));
    }
    let page = workspace.root.join("bindings").join("SIZE.md");
    if check {
        let written = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
        return compare(&written, bytes, gzipped);
    }
    fs::write(&page, text(bytes, gzipped)).map_err(|error| format!("{}: {error}", page.display()))
}

fn text(bytes: u64, gzipped: u64) -> String {
    format!(
        "# Size of the library\n\n\
         What an app grows by, for one architecture: the library of the profile `ship`, without the sandbox, stripped. Written by\n\
         `cargo xtask size`; CI builds it again and fails if a number is off by more than 2 %, or above its budget. The library is\n\
         linked for pages of 16 KB, and shows nothing to the linker but the functions of UniFFI.\n\n\
         | architecture | stripped | gzipped |\n| --- | --- | --- |\n\
         | {ARCH} {OS} | {bytes} | {gzipped} |\n\
         | budget | {MOST_BYTES} | {MOST_GZIPPED} |\n\n\
         Android's and Apple's libraries are built where their tools are: `cargo xtask package android` and `ios` say what is missing\n\
         here.\n"
    )
}

/// The numbers of this architecture's row.
fn compare(page: &str, bytes: u64, gzipped: u64) -> Result<(), String> {
    let row = format!("| {ARCH} {OS} |");
    let Some(row) = page.lines().find_map(|line| line.strip_prefix(&row)) else {
        println!("bindings/SIZE.md has no row for {ARCH} {OS}: nothing to compare with");
        return Ok(());
    };
    let mut numbers = row.split('|').filter_map(|cell| cell.trim().parse::<u64>().ok());
    for measured in [bytes, gzipped] {
        let written = numbers.next().ok_or("bindings/SIZE.md: a number is missing")?;
        if measured.abs_diff(written) * 50 > written {
            return Err(format!(
                "bindings/SIZE.md says {written}, and it is {measured} now: cargo xtask size"
            ));
        }
    }
    Ok(())
}

fn gzipped(file: &Path) -> Result<u64, String> {
    let packed = cargo::output(Command::new("gzip").args(["-9", "--stdout"]).arg(file))?;
    Ok(packed.len() as u64)
}

/// Whether a library for Linux or Android lies in pages of 16 KB, and shows what it is to show.
pub(crate) fn look(library: &Path) -> Result<(), String> {
    look_at_segments(library)?;
    look_at_symbols(library)
}

fn look_at_segments(library: &Path) -> Result<(), String> {
    let segments = cargo::text_of(
        Command::new("readelf")
            .args(["--program-headers", "--wide"])
            .arg(library),
    )?;
    let loads: Vec<&str> = segments
        .lines()
        .filter(|line| line.trim_start().starts_with("LOAD"))
        .collect();
    let aligned = |line: &&str| {
        let last = line
            .split_whitespace()
            .last()
            .and_then(|word| word.strip_prefix("0x"));
        last.and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .is_some_and(|align| align >= PAGE)
    };
    if !loads.is_empty() && loads.iter().all(aligned) {
        Ok(())
    } else {
        Err(format!(
            "not every segment is aligned to {PAGE} bytes:\n{segments}"
        ))
    }
}

fn look_at_symbols(library: &Path) -> Result<(), String> {
    let symbols = cargo::text_of(
        Command::new("nm")
            .args(["--dynamic", "--defined-only", "--format=posix"])
            .arg(library),
    )?;
    let expected = |name: &&str| {
        let ours = ["uniffi_dcep_wallet_", "ffi_dcep_wallet_"];
        ours.iter().any(|prefix| name.starts_with(prefix))
    };
    let names: Vec<&str> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let others: Vec<&&str> = names.iter().filter(|name| !expected(name)).collect();
    if !names.is_empty() && others.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "the library shows {} symbols, and among them {others:?}",
            names.len()
        ))
    }
}
