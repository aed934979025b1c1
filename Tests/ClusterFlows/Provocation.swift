import KeybearerCluster
import KeybearerTestHarness

/// A schedule in which nodes that break a rule accept a key after its revoke has returned, and others do not.
struct Provocation: Sendable {
    /// Of the nodes, in seconds.
    var leases = [1, 1, 1]
    var clockRates = [1.0, 1, 1]
    let schedule: @Sendable (Stage) async throws -> Void

    var isOrdinary: Bool { leases == [1, 1, 1] && clockRates == [1, 1, 1] }

    /// In each of them node 1 is the one that would accept what it must not, but for the last.
    static func of(_ rule: Rule) -> Provocation {
        switch rule {
        case .rowComesBeforeLease: Provocation(schedule: joinsSlowly)
        case .leaseIsCountedFromSending: Provocation(schedule: stopsWhileRenewing)
        case .acknowledgementFollowsPublication: Provocation(schedule: hearsLate)
        case .leaseFollowsPublication: Provocation(schedule: appliesSlowly)
        case .leaseIsAskedBeforeMemory: Provocation(schedule: isAskedWhileStopped)
        case .fencedNodeStops: Provocation(schedule: isDeclaredDead)
        case .reaperWaitsForTheLease: Provocation(leases: [1, 4, 1], schedule: isSilentWithALongLease)
        case .revokeWaits: Provocation(schedule: isCutOffForAMoment)
        case .waitBeginsAfterTheCommit: Provocation(schedule: isCutOffBeforeASlowCommit)
        case .repeatedRevokeWaitsToo: Provocation(schedule: isCutOffBetweenTwoRevokes)
        case .clockIsReadForEachRequest: Provocation(schedule: isCutOffForGood)
        case .leaseHasAMargin:
            // More than two clocks may differ by assumption C1, and less than the margin allows for.
            Provocation(leases: [5, 5, 5], clockRates: [1.015, 0.985, 1], schedule: isSilentAfterARenewal)
        case .changesHaveNoGap: Provocation(schedule: readsADamagedRow)
        case .historyIsCompared: Provocation(schedule: comesBackToATrimmedLog)
        case .renewalNumbersAreCompared: Provocation(schedule: hasACopy)
        case .loadsDoNotResurrect: Provocation(schedule: loadsSlowly)
        case .loadsAreNotJoinedAcrossChanges: Provocation(schedule: isAskedDuringASlowLoad)
        case .unknownOutcomeIsNoSuccess: Provocation(schedule: isCutOffWhileItCommits)
        }
    }
}

/// A node that the revoke has to wait for.
extension Provocation {
    @Sendable private static func isCutOffForAMoment(_ stage: Stage) async throws {
        try await stage.watch()
        stage.cutOff(1)
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(300)
        stage.reconnect(1)
        _ = await isRevoked
        try await stage.pause(50)
    }

    @Sendable private static func isCutOffForGood(_ stage: Stage) async throws {
        try await stage.watch()
        stage.cutOff(1)
        await stage.revoke(on: 0)
        try await stage.pause(150)
    }

    /// The revoke is committed as soon after its last renewal as can be.
    @Sendable private static func isSilentAfterARenewal(_ stage: Stage) async throws {
        try await stage.watch()
        let lock = try stage.lockLog()
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(300)
        try await stage.holdRenewal(of: 1)
        stage.mute(1)
        lock.leave()
        _ = await isRevoked
        try await stage.pause(150)
    }

    @Sendable private static func isCutOffBetweenTwoRevokes(_ stage: Stage) async throws {
        try await stage.watch()
        stage.cutOff(1)
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(200)
        await stage.revoke(on: 2)
        try await stage.pause(50)
        _ = await isRevoked
    }

    /// Its lease was renewed while the commit waited, so it ends later than a lease after the revoke was asked for.
    @Sendable private static func isCutOffBeforeASlowCommit(_ stage: Stage) async throws {
        try await stage.watch()
        let lock = try stage.lockLog()
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(800)
        stage.cutOff(1)
        lock.leave()
        _ = await isRevoked
        try await stage.pause(100)
    }

    @Sendable private static func hearsLate(_ stage: Stage) async throws {
        try await stage.watch()
        stage.trio.proxies[1].disturb(answers: .slow(milliseconds: 80))
        await stage.revoke(on: 0)
        try await stage.pause(150)
    }

    /// The answer to its last renewal is older than the revoke when it takes it in.
    @Sendable private static func stopsWhileRenewing(_ stage: Stage) async throws {
        try await stage.watch()
        try await stage.holdRenewal(of: 1)
        stage.stop(1)
        stage.mute(1)
        await stage.revoke(on: 0)
        stage.goOn(1)
        try await stage.pause(300)
    }

    /// Requests wait in its socket while its lease has ended and its memory is old.
    @Sendable private static func isAskedWhileStopped(_ stage: Stage) async throws {
        try await stage.watch()
        stage.stop(1)
        await stage.revoke(on: 0)
        try await stage.pause(Stage.patience + 50)
        stage.trio.proxies[1].disturb(requests: .slow(milliseconds: 15))
        stage.goOn(1)
        try await stage.pause(300)
    }

    /// Its lease has ended when it reads of the change, and it takes long to forget what that has touched.
    @Sendable private static func appliesSlowly(_ stage: Stage) async throws {
        try await stage.watch()
        try stage.spareTheDead()
        stage.cutOff(1)
        await stage.revoke(on: 0)
        try stage.close(.applying, of: 1)
        stage.reconnect(1)
        try await stage.reached(.applying, of: 1)
        try await stage.pause(150)
        stage.open(.applying, of: 1)
    }
}

/// A node whose row is not what the others take it for.
extension Provocation {
    @Sendable private static func joinsSlowly(_ stage: Stage) async throws {
        try await stage.watch()
        try stage.close(.registering, of: 1)
        try stage.declareDead(1)
        try await stage.reached(.registering, of: 1)
        try await stage.pause(50)
        await stage.revoke(on: 0)
        try await stage.pause(100)
        stage.open(.registering, of: 1)
    }

    @Sendable private static func isDeclaredDead(_ stage: Stage) async throws {
        try await stage.watch()
        try stage.declareDead(1)
        // What it holds under the old name is over by then.
        try await stage.pause(1000)
        await stage.revoke(on: 0)
        try await stage.pause(100)
    }

    /// The others, whose leases are shorter, look at it twice before its own has ended.
    @Sendable private static func isSilentWithALongLease(_ stage: Stage) async throws {
        try await stage.watch()
        try await stage.holdRenewal(of: 1)
        stage.mute(1)
        let end = ContinuousClock.now + .milliseconds(3200)
        while try ContinuousClock.now < end && !stage.isDead(1) { try await stage.pause(50) }
        await stage.revoke(on: 0)
        try await stage.pause(150)
    }

    /// What the copy acknowledges counts for both.
    @Sendable private static func hasACopy(_ stage: Stage) async throws {
        try await stage.watch()
        try await stage.takeName(of: 1, by: 2)
        stage.cutOff(1)
        await stage.revoke(on: 0)
        try await stage.pause(100)
    }
}

/// A change log that is not what was committed.
extension Provocation {
    @Sendable private static func readsADamagedRow(_ stage: Stage) async throws {
        try await stage.watch()
        let before = try stage.revision
        stage.cutOff(1)
        async let isRevoked = stage.revoke(on: 0)
        try await stage.until("the revoke is committed") { try stage.revision > before }
        // By now the others have read it.
        try await stage.pause(100)
        try stage.damageLastChange()
        stage.reconnect(1)
        _ = await isRevoked
        try await stage.pause(150)
    }

    @Sendable private static func comesBackToATrimmedLog(_ stage: Stage) async throws {
        try await stage.watch()
        try stage.spareTheDead()
        stage.cutOff(1)
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(100)
        _ = try await stage.trio.key(on: 0)
        _ = await isRevoked
        try stage.trimLog()
        stage.reconnect(1)
        try await stage.pause(400)
    }
}

/// Answers of the database that come late, or never.
extension Provocation {
    @Sendable private static func loadsSlowly(_ stage: Stage) async throws {
        try await stage.holdLoad(of: 1)
        stage.load.clear()
        await stage.revoke(on: 0)
        stage.reconnect(1)
        try await stage.pause(100)
        stage.load.include(stage.subject)
        try await stage.pause(150)
    }

    @Sendable private static func isAskedDuringASlowLoad(_ stage: Stage) async throws {
        try await stage.holdLoad(of: 1)
        await stage.revoke(on: 0)
        try await stage.pause(Stage.patience + 50)
        stage.reconnect(1)
        try await stage.pause(150)
    }

    /// Here it is the others who go on accepting: the revoke that node 0 was asked for has not been committed.
    @Sendable private static func isCutOffWhileItCommits(_ stage: Stage) async throws {
        try await stage.watch()
        let lock = try stage.lockLog()
        async let isRevoked = stage.revoke(on: 0)
        try await stage.pause(500)
        stage.cutOff(0)
        _ = await isRevoked
        try await stage.pause(150)
        lock.leave()
    }
}
