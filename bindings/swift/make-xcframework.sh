#!/usr/bin/env bash
# Makes DcepWalletFFI.xcframework beside this script: the Rust core for iOS devices and for the simulator on Apple chips
# and Intel's; and generates the Swift code that calls it. It takes a Mac with Xcode. An app then adds this folder as a
# package.
#
#   bindings/swift/make-xcframework.sh            what ships
#   bindings/swift/make-xcframework.sh --sandbox  the same with simulated phones and a bank, for the demo app and for trying
#   bindings/swift/make-xcframework.sh --check    says what is missing here, and builds nothing
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
workspace="$(cd "$here/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$workspace/target}"
DEVICE=aarch64-apple-ios
SIMULATORS=(aarch64-apple-ios-sim x86_64-apple-ios)
# As Package.swift says.
export IPHONEOS_DEPLOYMENT_TARGET=16.0

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }

[ "$(uname -s)" = Darwin ] || missing+=("a Mac: Apple's SDKs and linker are nowhere else (this is $(uname -s))")
need cargo "Rust: rustup.rs"
need xcodebuild "Xcode, with its command line tools: xcodebuild"
need xcrun "Xcode, with its command line tools: xcrun"
need lipo "Xcode, with its command line tools: lipo"
if command -v xcrun >/dev/null 2>&1; then
    for sdk in iphoneos iphonesimulator; do
        xcrun --sdk "$sdk" --show-sdk-path >/dev/null 2>&1 || missing+=("the SDK $sdk: Xcode, Settings, Components")
    done
fi
if command -v rustc >/dev/null 2>&1; then
    for triple in "$DEVICE" "${SIMULATORS[@]}"; do
        libraries="$(rustc --print target-libdir --target "$triple" 2>/dev/null || true)"
        [ -n "$libraries" ] && [ -d "$libraries" ] || missing+=("the standard library for $triple: rustup target add $triple")
    done
fi
if [ "${#missing[@]}" -gt 0 ]; then
    echo "package ios: not built. What is missing:" >&2
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
fi
[ "${1:-}" != --check ] || exit 0
feature=()
[ "${1:-}" != --sandbox ] || feature=(--features sandbox)

cd "$workspace"
for triple in "$DEVICE" "${SIMULATORS[@]}"; do
    # An empty list is no error to the bash of a Mac when it is written so.
    cargo build --profile ship -p bindings --target "$triple" ${feature[@]+"${feature[@]}"}
done
# Symbols go last: the generator reads the interface out of the library.
generated="$target/bindings/ship/swift"
rm -rf "$generated"
cargo run --quiet -p bindings-generate --bin generate-swift -- --swift-sources --headers \
    "$target/$DEVICE/ship/libdcep_wallet.a" "$generated" --config uniffi.toml
cargo xtask bindings polish-swift "$generated/DcepWallet.swift"
mkdir -p "$here/Sources/DcepWallet/Generated"
cp "$generated/DcepWallet.swift" "$here/Sources/DcepWallet/Generated/DcepWallet.swift"

# One module map in a folder: that of the framework, with the header beside it.
staging="$target/xcframework"
rm -rf "$staging"
mkdir -p "$staging/headers" "$staging/device" "$staging/simulator"
cp "$generated/DcepWalletFFI.h" "$staging/headers/"
cp "$here/Sources/DcepWalletFFI/module.modulemap" "$staging/headers/module.modulemap"
cp "$target/$DEVICE/ship/libdcep_wallet.a" "$staging/device/"
simulators=()
for triple in "${SIMULATORS[@]}"; do simulators+=("$target/$triple/ship/libdcep_wallet.a"); done
lipo -create "${simulators[@]}" -output "$staging/simulator/libdcep_wallet.a"
for folder in device simulator; do xcrun strip -S -x "$staging/$folder/libdcep_wallet.a"; done

framework="$here/DcepWalletFFI.xcframework"
rm -rf "$framework"
xcodebuild -create-xcframework \
    -library "$staging/device/libdcep_wallet.a" -headers "$staging/headers" \
    -library "$staging/simulator/libdcep_wallet.a" -headers "$staging/headers" \
    -output "$framework"
du -sh "$framework"
