// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "orbia-conversation",
    products: [
        .executable(name: "orbia-conversation", targets: ["FCGIApp"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        // Connections, workers, settings, the command line.
        .executableTarget(
            name: "FCGIApp",
            dependencies: [
                "CFCGI", "CLinux", "COpenSSL", "Handlers", "MySQLStore", "Runtime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Routes, authentication, decoding, encoding. Knows nothing of FastCGI.
        .target(name: "Handlers", dependencies: ["COpenSSL", "MySQLStore", "Runtime"], swiftSettings: strict),
        // Statements and rows. Knows nothing of JSON or HTTP.
        .target(name: "MySQLStore", dependencies: ["CMariaDB", "Runtime"], swiftSettings: strict),
        // Clock, locks, threads, signals, system calls. Knows nothing of the service.
        .target(name: "Runtime", dependencies: ["CLinux"], swiftSettings: strict),

        .systemLibrary(name: "CFCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        .testTarget(name: "RuntimeTests", dependencies: ["Runtime"], swiftSettings: strict),
        .testTarget(name: "HandlersTests", dependencies: ["Handlers", "MySQLStore"], swiftSettings: strict),
        .testTarget(name: "MySQLStoreTests", dependencies: ["MySQLStore", "Runtime"], swiftSettings: strict),
        .testTarget(
            name: "FCGIAppTests",
            dependencies: ["FCGIApp", "Handlers", "MySQLStore", "Runtime"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
