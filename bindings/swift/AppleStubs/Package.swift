// swift-tools-version: 6.0
import PackageDescription

// For machines without Apple's frameworks: what the wallet uses of them, as Apple declares it, so that the files behind
// `#if canImport` are compiled everywhere, and the Keychain's queries are run against a table. It ships with nothing,
// and it shows nothing about hardware.
let package = Package(
    name: "AppleStubs",
    targets: [
        .target(name: "Security"),
        .target(name: "LocalAuthentication"),
        .target(name: "CryptoKit", dependencies: ["Security", "LocalAuthentication"]),
        .target(name: "CoreNFC"),
        .target(
            name: "DcepWalletSupport",
            dependencies: ["Security", "LocalAuthentication", "CryptoKit", "CoreNFC"],
            swiftSettings: [.define("DCEP_APPLE_STUBS")]),
        .systemLibrary(name: "DcepWalletFFI"),
        .target(
            name: "DcepWallet", dependencies: ["DcepWalletFFI", "DcepWalletSupport"],
            swiftSettings: [.define("DCEP_APPLE_STUBS")]),
        .testTarget(name: "AppleTests", dependencies: ["DcepWallet", "DcepWalletSupport", "Security"]),
    ],
    swiftLanguageModes: [.v6]
)
