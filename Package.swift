// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 mode, upcoming rules that find mistakes early, and no warning left standing.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// `KEYBEARER_ROOM=Verification` narrows the package to its innermost room, so that its tests build in
/// seconds and the thread sanitizer needs no second build of every dependency (`make sanitize`).
let innermostOnly = Context.environment["KEYBEARER_ROOM"] == "Verification"

/// `KEYBEARER_ROOM=Cluster` narrows it to the protocol between nodes and its simulator, in a build whose rules can be
/// broken (`make simulate`); no other build has that.
let simulatorOnly = Context.environment["KEYBEARER_ROOM"] == "Cluster"

// Rules of the protocol between nodes can be broken on purpose in the simulator, and in debug builds for the tests of
// the test that looks for violations. No release build can.
let breakable = SwiftSetting.define("KEYBEARER_BREAKABLE", .when(configuration: .debug))

/// `KEYBEARER_ROOM=Parser` narrows it to the verification plane and its parser's comparison with SwiftNIO's, for an
/// optimized build of that alone (`make fuzz-parser`).
let parserOnly = Context.environment["KEYBEARER_ROOM"] == "Parser"
let isNarrow = innermostOnly || simulatorOnly || parserOnly

let cluster = Target.target(
    name: "KeybearerCluster", path: "Sources/Cluster",
    swiftSettings: strict + [breakable] + (simulatorOnly ? [.define("KEYBEARER_BREAKABLE")] : []))

let simulator = Target.executableTarget(
    name: "keybearer-simulate", dependencies: ["KeybearerCluster"], path: "Tests/ClusterSimulator",
    swiftSettings: strict + [.define("KEYBEARER_BREAKABLE")])

let verification: [Target] = [
    .target(name: "CVerification", path: "Sources/CVerification"),
    .target(
        name: "KeybearerVerification", dependencies: ["CVerification"],
        path: "Sources/Verification", swiftSettings: strict + [breakable]),
    .target(name: "BenchmarkAllocations", path: "Benchmarks/Allocations"),
    .executableTarget(
        name: "keybearer-bench", dependencies: ["KeybearerVerification", "BenchmarkAllocations"],
        path: "Benchmarks/InProcess", swiftSettings: strict),
    .testTarget(
        name: "VerificationTests", dependencies: ["KeybearerVerification", "CVerification", crypto],
        path: "Tests/Verification", swiftSettings: strict),
]

let plane: [Target] = [
    .target(
        name: "KeybearerAPI", path: "Sources/API", resources: [.embedInCode("openapi.json")], swiftSettings: strict),
    .target(name: "CLinux", path: "Sources/CLinux"),
    .target(
        name: "KeybearerVerificationPlane",
        dependencies: [
            "CLinux",
            "KeybearerVerification", "KeybearerAPI", logging,
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Sources/VerificationPlane", swiftSettings: strict),
    .target(
        name: "KeybearerParserDifferential",
        dependencies: [
            "KeybearerVerificationPlane",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ],
        path: "Tests/ParserDifferential", swiftSettings: strict),
    .executableTarget(
        name: "keybearer-parser-fuzz", dependencies: ["KeybearerParserDifferential"], path: "Tests/ParserFuzz",
        swiftSettings: strict),
]

let otherRooms: [Target] = [
    .target(
        name: "KeybearerAdministration",
        dependencies: [
            "KeybearerVerification", crypto, logging,
            .product(name: "CryptoExtras", package: "swift-crypto"),
        ],
        path: "Sources/Administration", swiftSettings: strict),
    .systemLibrary(
        name: "CLibpq", path: "Sources/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSQLite", path: "Sources/CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .target(
        name: "KeybearerStore",
        dependencies: [
            "KeybearerAdministration", "KeybearerVerification", "KeybearerCluster", "CLibpq", "CLinux", "CSQLite",
            crypto,
            logging,
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        path: "Sources/Store", swiftSettings: strict + [breakable]),
    .testTarget(
        name: "APITests", dependencies: ["KeybearerAPI"],
        path: "Tests/API", swiftSettings: strict),
    .target(
        name: "KeybearerConsole", dependencies: ["KeybearerVerification", crypto, mustache],
        path: "Sources/Console", resources: [.embedInCode("Templates"), .embedInCode("Assets")],
        swiftSettings: strict),
    .testTarget(
        name: "ConsoleTests", dependencies: ["KeybearerConsole", "KeybearerVerification", mustache],
        path: "Tests/Console", swiftSettings: strict),
    .target(
        name: "KeybearerControlPlane",
        dependencies: [
            "KeybearerAdministration", "KeybearerVerification", "KeybearerAPI", "KeybearerConsole", logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdTLS", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Sources/ControlPlane", swiftSettings: strict),
    .testTarget(
        name: "ControlPlaneTests",
        dependencies: [
            "KeybearerControlPlane", "KeybearerAdministration", "KeybearerStore", "KeybearerVerification",
            "KeybearerAPI", "KeybearerConsole", "KeybearerTestHarness", logging,
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Tests/ControlPlane", swiftSettings: strict),
    .testTarget(
        name: "VerificationPlaneTests",
        dependencies: [
            "KeybearerVerificationPlane", "KeybearerVerification", "KeybearerAPI", "KeybearerParserDifferential",
            logging,
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        path: "Tests/VerificationPlane", swiftSettings: strict),
    .target(
        name: "KeybearerClient",
        dependencies: [
            "KeybearerAPI",
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        path: "Sources/Client", swiftSettings: strict),
    .testTarget(
        name: "ClientTests",
        dependencies: ["KeybearerClient", "KeybearerAPI", "KeybearerTestHarness", "keybearer"],
        path: "Tests/Client", swiftSettings: strict),
    .target(
        name: "KeybearerHummingbird",
        dependencies: [
            "KeybearerClient", "KeybearerAPI", "KeybearerVerification",
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
        ],
        path: "Sources/Hummingbird", swiftSettings: strict),
    .testTarget(
        name: "HummingbirdTests",
        dependencies: [
            "KeybearerHummingbird", "KeybearerClient", "KeybearerAPI", "KeybearerStore", "KeybearerAdministration",
            "KeybearerVerification", "KeybearerTestHarness", "keybearer", logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdTesting", package: "hummingbird"),
        ],
        path: "Tests/Hummingbird", swiftSettings: strict),
    .target(
        name: "KeybearerCommands",
        dependencies: [
            "KeybearerClient", "KeybearerAPI", "KeybearerVerification",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/Commands", swiftSettings: strict),
    .target(
        name: "KeybearerEmbedding",
        dependencies: [
            "KeybearerAdministration", "KeybearerVerification", "KeybearerStore", "KeybearerConsole",
            "KeybearerControlPlane", "KeybearerHummingbird", "KeybearerAPI", logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Sources/Embedding", swiftSettings: strict),
    .target(name: "HarborAPI", path: "Examples/Harbor/API", swiftSettings: strict),
    .target(
        name: "HarborPlatform",
        dependencies: [
            "HarborAPI", "KeybearerEmbedding", "KeybearerAdministration", "KeybearerVerification",
            "KeybearerControlPlane", "KeybearerHummingbird", crypto, logging,
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        path: "Examples/Harbor/Platform", swiftSettings: strict),
    .executableTarget(
        name: "harbor-server",
        dependencies: [
            "HarborPlatform", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Examples/Harbor/Server", swiftSettings: strict),
    .executableTarget(
        name: "harbor",
        dependencies: [
            "HarborAPI", "KeybearerCommands", "KeybearerClient", "KeybearerAPI",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Examples/Harbor/CommandLine", swiftSettings: strict),
    .executableTarget(
        name: "keybearer-mounted",
        dependencies: [
            "KeybearerCommands", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Tests/MountedCommands", swiftSettings: [.treatAllWarnings(as: .error)]),
    .testTarget(
        name: "CommandTests",
        dependencies: [
            "KeybearerCommands", "KeybearerClient", "KeybearerAPI", "KeybearerVerification", "KeybearerTestHarness",
            "keybearer", "keybearer-mounted",
        ],
        path: "Tests/Commands",
        exclude: ["Transcripts", "check_sarif.py", "hidden_prompt.py", "plant.py", "requirements.txt"],
        swiftSettings: strict),
    .executableTarget(
        name: "keybearer",
        dependencies: [
            "KeybearerVerification", "KeybearerAdministration", "KeybearerStore", "KeybearerAPI",
            "KeybearerControlPlane", "KeybearerVerificationPlane", "KeybearerCommands", "KeybearerConsole",
            "KeybearerClient", logging,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "Yams", package: "Yams"),
        ],
        path: "Sources/keybearer", swiftSettings: strict),
    .executableTarget(
        name: "ledger",
        dependencies: [
            "KeybearerAPI", "KeybearerClient", "KeybearerHummingbird", "KeybearerVerification", crypto,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "CryptoExtras", package: "swift-crypto"),
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
        ],
        path: "Examples/Ledger/Sources", swiftSettings: strict),
    .testTarget(
        name: "ClusterFlowTests",
        dependencies: ["KeybearerTestHarness", "KeybearerAPI", "KeybearerCluster", "keybearer"],
        path: "Tests/ClusterFlows", swiftSettings: strict),
    .target(
        name: "KeybearerTestHarness",
        dependencies: [
            "KeybearerAPI", crypto,
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ],
        path: "Tests/Harness", swiftSettings: strict),
    .testTarget(
        name: "SeedTests",
        dependencies: [
            "KeybearerTestHarness", "KeybearerAPI", "keybearer", "ledger", "harbor-server", "harbor", crypto,
        ],
        path: "Tests/Seeds", exclude: ["Harbor/git_server.py"], swiftSettings: strict),
    .testTarget(
        name: "AdministrationTests", dependencies: ["KeybearerAdministration", "KeybearerVerification"],
        path: "Tests/Administration", swiftSettings: strict),
    .testTarget(
        name: "FlowTests", dependencies: ["KeybearerTestHarness", "KeybearerAPI", "keybearer"],
        path: "Tests/Flows", swiftSettings: strict),
    .testTarget(
        name: "ProgramTests",
        dependencies: ["KeybearerTestHarness", "KeybearerAPI", "keybearer"],
        path: "Tests/Program", swiftSettings: strict),
    .testTarget(
        name: "StoreTests",
        dependencies: [
            "KeybearerStore", "KeybearerAdministration", "KeybearerVerification", logging,
            .product(name: "GRDB", package: "GRDB.swift"),
        ],
        path: "Tests/Store", swiftSettings: strict),
    .testTarget(
        name: "ClusterTests", dependencies: ["KeybearerCluster"], path: "Tests/Cluster", swiftSettings: strict),
    .testTarget(
        name: "StoreContractTests",
        dependencies: [
            "KeybearerStore", "KeybearerCluster", "KeybearerAdministration", "KeybearerVerification",
            "KeybearerTestHarness", logging,
        ],
        path: "Tests/StoreContract", exclude: ["requirements.txt"], swiftSettings: strict),
    .testTarget(
        name: "ClusterOperationTests", dependencies: ["KeybearerTestHarness", "KeybearerAPI", "keybearer"],
        path: "Tests/ClusterOperations", swiftSettings: strict),
    .testTarget(
        name: "PromiseTests", dependencies: ["KeybearerTestHarness", "KeybearerAPI", "keybearer"],
        path: "Tests/Promises", swiftSettings: strict),
    .testTarget(
        name: "MatrixTests",
        dependencies: ["KeybearerTestHarness", "KeybearerAPI", "KeybearerControlPlane", "keybearer"],
        path: "Tests/Matrix", swiftSettings: strict),
]

let package = Package(
    name: "keybearer",
    products: isNarrow
        ? []
        : [
            .executable(name: "keybearer", targets: ["keybearer"]),
            .library(name: "KeybearerVerification", targets: ["KeybearerVerification"]),
            .library(name: "KeybearerClient", targets: ["KeybearerClient", "KeybearerAPI"]),
            .library(name: "KeybearerCommands", targets: ["KeybearerCommands"]),
            .library(name: "KeybearerHummingbird", targets: ["KeybearerHummingbird"]),
            .library(name: "KeybearerEmbedding", targets: ["KeybearerEmbedding"]),
        ],
    dependencies: (simulatorOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2")
        ])
        + (innermostOnly || simulatorOnly
            ? []
            : [
                .package(url: "https://github.com/apple/swift-nio.git", from: "2.100.0"),
                .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
            ])
        + (isNarrow
            ? []
            : [
                .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
                .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
                .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
                .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
                .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
                .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
            ]),
    targets: simulatorOnly
        ? [cluster, simulator]
        : innermostOnly
            ? verification
            : verification + plane + (parserOnly ? [] : [cluster] + otherRooms),
    swiftLanguageModes: [.v6]
)
