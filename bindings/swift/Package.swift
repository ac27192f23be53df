// swift-tools-version: 6.0
import Foundation
import PackageDescription

// An app gets the core as an XCFramework, which `cargo xtask package ios` puts here. Without one, on the machine of
// somebody who works on the core, it is the library that cargo has just built: `cargo xtask test --only swift` says to
// the linker where.
let framework = "DcepWalletFFI.xcframework"
let hasFramework = FileManager.default.fileExists(
    atPath: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(framework).path)

let package = Package(
    name: "DcepWallet",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "DcepWallet", targets: ["DcepWallet"])],
    targets: [
        hasFramework
            ? .binaryTarget(name: "DcepWalletFFI", path: framework)
            : .systemLibrary(name: "DcepWalletFFI"),
        // What needs neither the core nor a framework of Apple's, and so is built and tested everywhere.
        .target(name: "DcepWalletSupport"),
        .testTarget(name: "DcepWalletSupportTests", dependencies: ["DcepWalletSupport"]),
        .target(name: "DcepWallet", dependencies: ["DcepWalletFFI", "DcepWalletSupport"]),
        .testTarget(
            name: "DcepWalletTests", dependencies: ["DcepWallet", "DcepWalletSupport"], exclude: ["errors.txt"]),
    ],
    swiftLanguageModes: [.v6]
)

#if os(Linux)
if !hasFramework {
    // A program of its own, so that nothing else uses memory while it measures; a test runs it.
    package.targets.append(.executableTarget(name: "DcepSoak", dependencies: ["DcepWallet"], path: "Tests/DcepSoak"))
}
#endif
