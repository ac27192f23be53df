// swift-tools-version: 6.0
import PackageDescription

// Everything of the app that can be decided without Apple's frameworks, and its tests, which run on any machine. The app
// itself is in App/, and its Xcode project is made from project.yml.
let package = Package(
    name: "WalletDemo",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "WalletDemo", targets: ["WalletDemo"])],
    dependencies: [
        // The wallet itself, as any app gets it. Swift calls a package by the name of its folder.
        .package(path: "../bindings/swift")
    ],
    targets: [
        .target(name: "WalletDemo", dependencies: [.product(name: "DcepWallet", package: "swift")]),
        .testTarget(
            name: "WalletDemoTests", dependencies: ["WalletDemo"],
            linkerSettings: [
                // Swift 6.0's libswiftObservation.so for Linux names a symbol that is in no library, and never calls it.
                .unsafeFlags(["-Xlinker", "--allow-shlib-undefined"], .when(platforms: [.linux]))
            ]),
    ],
    swiftLanguageModes: [.v6]
)

#if os(Linux)
    // The app's own sources, against stand-ins for what they use of Apple's frameworks: types are checked, nothing is drawn.
    package.targets += [
        .target(name: "UniformTypeIdentifiers", path: "StandIns/UniformTypeIdentifiers"),
        .target(name: "SwiftUI", dependencies: ["UniformTypeIdentifiers"], path: "StandIns/SwiftUI"),
        .target(name: "AVFoundation", dependencies: ["SwiftUI"], path: "StandIns/AVFoundation"),
        .target(
            name: "CoreNFC", dependencies: [.product(name: "DcepWallet", package: "swift")], path: "StandIns/CoreNFC"),
        .target(
            name: "DemoApp",
            dependencies: ["WalletDemo", "SwiftUI", "UniformTypeIdentifiers", "AVFoundation", "CoreNFC"],
            path: "App/Sources"),
    ]
#endif
