"""Assembles a wheel out of this package, a built library, and the module that UniFFI generated from it.

Run by `cargo xtask package python`, and by the tests. Needs nothing but Python: no network, no build tools. The same
input makes the same bytes.

Also the build backend of pyproject.toml, for which a library must be built first: so all it does is to say how.
"""

import argparse
import base64
import hashlib
import sysconfig
import zipfile
from pathlib import Path

import polish

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    from pip._vendor import tomli as tomllib

PACKAGE = Path(__file__).resolve().parents[1]
LICENSES = ("LICENSE-APACHE", "LICENSE-MIT")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """What pip calls for a folder of sources."""
    raise SystemExit("the wheel has a Rust library in it: make it with `cargo xtask package python`")


def build_sdist(sdist_directory, config_settings=None):
    """There is no source distribution: the sources are the repository."""
    raise SystemExit("there is no source distribution: the sources are the repository")


def metadata(project, version):
    """The METADATA file."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"Keywords: {','.join(project['keywords'])}",
        f"License-Expression: {project['license']}",
        *(f"License-File: {name}" for name in LICENSES),
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        f"Requires-Python: {project['requires-python']}",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(lines) + "\n\n" + (PACKAGE / project["readme"]).read_text(encoding="utf-8")


def platform_tag():
    """What this machine's wheels are called: `linux_x86_64`."""
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def contents(arguments, project, version):
    """Every file of the wheel but the list of them: [(name, bytes)]."""
    module = project["name"].replace("-", "_")
    sources = PACKAGE / module
    root = PACKAGE.parents[1]
    generated = polish.polish(arguments.generated.read_text(encoding="utf-8"), root / "bindings" / "src")
    files = [
        (f"{module}/{path.name}", path.read_bytes())
        for path in sorted([*sources.glob("*.py"), sources / "py.typed"])
        if path.name != "_generated.py"
    ]
    files.append((f"{module}/_generated.py", generated.encode()))
    files.append((f"{module}/{arguments.library.name}", arguments.library.read_bytes()))
    info = f"{module}-{version}.dist-info"
    tag = f"py3-none-{platform_tag()}"
    wheel = f"Wheel-Version: 1.0\nGenerator: dcep make_wheel\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files += [(f"{info}/licenses/{name}", (root / name).read_bytes()) for name in LICENSES]
    files.append((f"{info}/METADATA", metadata(project, version).encode()))
    files.append((f"{info}/WHEEL", wheel.encode()))
    return files, info, f"{module}-{version}-{tag}.whl"


def record(files, info):
    """The list of files, with their digests."""
    lines = []
    for name, data in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{info}/RECORD,,\n"


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--generated", type=Path, required=True, help="the module that UniFFI generated")
    parser.add_argument("--library", type=Path, required=True, help="the library it was generated from")
    parser.add_argument("--version", required=True, help="the version of the workspace")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the wheel")
    parser.add_argument("--sandbox", action="store_true", help="the library has the sandbox in it")
    parser.add_argument("--stored", action="store_true", help="do not compress")
    arguments = parser.parse_args()

    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = arguments.version + ("+sandbox" if arguments.sandbox else "")
    try:
        files, info, name = contents(arguments, project, version)
    except polish.Unexpected as reason:
        raise SystemExit(f"{arguments.generated}: not as it was: {reason}") from None
    files.append((f"{info}/RECORD", record(files, info).encode()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for old in arguments.out.glob("*.whl"):
        old.unlink()
    compression = zipfile.ZIP_STORED if arguments.stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(arguments.out / name, "w", compression, compresslevel=9) as wheel:
        for path, data in files:
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data, compression)
    print(arguments.out / name)


if __name__ == "__main__":
    main()
