import CLibpq
import Foundation

/// One connection of libpq, used by one thread. Nothing here waits longer than the deadline it is given: libpq itself
/// has no limit that covers a server which stops answering, so every wait is a `poll` of our own, and where it
/// ends without an answer the socket is closed.
final class PostgreSQLLink {
    private let handle: OpaquePointer
    private var prepared: [UnsafePointer<UInt8>: String] = [:]
    private var preparations = 0
    private let warnings = Warnings()
    /// Answers that nobody waits for and that have to be taken in before any others.
    private var unread: [[Expected]] = []
    private(set) var isUsable = true

    /// What the server said beside its answers.
    private final class Warnings { var count = 0 }

    /// - Throws: `PostgreSQLError`.
    init(_ address: PostgreSQLAddress, deadline: ContinuousClock.Instant) throws {
        let parameters = address.parameters.sorted { $0.key < $1.key }
        let connection = CStrings(parameters.map(\.key)).withPointers { keywords in
            CStrings(parameters.map(\.value)).withPointers { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let connection else { throw PostgreSQLError.unreachable("out of memory") }
        handle = connection
        do {
            guard PQstatus(handle) != CONNECTION_BAD else { throw unreachable() }
            try establish(deadline)
            guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw unreachable() }
        } catch {
            isUsable = false
            throw error
        }
        PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context, let severity = PQresultErrorField(result, PostgreSQLLink.severity) else { return }
                let warnings = Unmanaged<Warnings>.fromOpaque(context).takeUnretainedValue()
                if String(cString: severity) == "WARNING" { warnings.count += 1 }
            }, Unmanaged.passUnretained(warnings).toOpaque())
        _ = try exchange(Self.settings, deadline: deadline)
    }

    deinit { PQfinish(handle) }

    /// Ends the connection at once. The socket goes first, so that saying farewell cannot wait for the server.
    func close() {
        guard isUsable else { return }
        isUsable = false
        let descriptor = PQsocket(handle)
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Whether the server has said nothing since its last answer. A server that ends says so, or its kernel does: whoever
    /// looks first takes a new connection, where a statement on this one would have failed.
    func isQuiet(deadline: ContinuousClock.Instant) -> Bool {
        guard isUsable else { return false }
        do {
            try readUnread(deadline)
        } catch {
            close()
            return false
        }
        var byte: UInt8 = 0
        return recv(PQsocket(handle), &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0
    }

    /// How many warnings the server has sent so far.
    var warningCount: Int { warnings.count }

    /// The version as 150018 for 15.18.
    var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// Sends all statements in one message and takes in all answers.
    ///
    /// - Returns: the rows of each, and the server's word for what it did.
    /// - Throws: `PostgreSQLError`; after `refused` the link is still usable, after the others it is closed.
    func exchange(_ statements: [PostgreSQLStatement], deadline: ContinuousClock.Instant) throws -> [Answer] {
        guard isUsable else { throw PostgreSQLError.unreachable("the connection is closed") }
        do {
            let expected = try send(statements)
            try flush(deadline)
            try readUnread(deadline)
            return try answers(expected, deadline)
        } catch let error as PostgreSQLError {
            if case .refused = error { throw error }
            close()
            throw error
        } catch {
            close()
            throw error
        }
    }

    /// Sends statements to whose answers nobody listens. A link that cannot do it is closed.
    func post(_ statements: [PostgreSQLStatement], deadline: ContinuousClock.Instant) {
        guard isUsable else { return }
        do {
            unread.append(try send(statements))
            try flush(deadline)
        } catch {
            close()
        }
    }

    struct Answer {
        let rows: [SQLRow]
        /// As `COMMIT`, which the server answers with `ROLLBACK` where the transaction had failed before.
        let command: String
    }
}

extension PostgreSQLLink {
    // Deadlines of the server's side, for when this process is stopped: a lock that it holds ends with it.
    private static let settings: [PostgreSQLStatement] = [
        PostgreSQLStatement("SET idle_in_transaction_session_timeout = 1500"),
        PostgreSQLStatement("SET lock_timeout = 2000"),
        PostgreSQLStatement("SET statement_timeout = 10000"),
        PostgreSQLStatement("SET standard_conforming_strings = on"),
    ]

    // PG_DIAG_SEVERITY_NONLOCALIZED, a macro that does not reach Swift.
    private static let severity = Int32(UInt8(ascii: "V"))
    private static let sqlState = Int32(UInt8(ascii: "C"))
    private static let primaryMessage = Int32(UInt8(ascii: "M"))

    private func establish(_ deadline: ContinuousClock.Instant) throws {
        var wanted = PGRES_POLLING_WRITING
        while wanted != PGRES_POLLING_OK {
            switch wanted {
            case PGRES_POLLING_READING: try wait(POLLIN, deadline)
            case PGRES_POLLING_WRITING: try wait(POLLOUT, deadline)
            default: throw unreachable()
            }
            wanted = PQconnectPoll(handle)
        }
    }

    private enum Expected {
        case preparation(of: UnsafePointer<UInt8>)
        case answer
    }

    private func send(_ statements: [PostgreSQLStatement]) throws -> [Expected] {
        var expected: [Expected] = []
        for statement in statements {
            let key = statement.sql.utf8Start
            let name = prepared[key] ?? "s\(preparations)"
            if prepared[key] == nil {
                guard PQsendPrepare(handle, name, "\(statement.sql)", 0, nil) == 1 else { throw unreachable() }
                prepared[key] = name
                preparations += 1
                expected.append(.preparation(of: key))
            }
            let arguments = PostgreSQLArguments(statement.arguments)
            let sent = arguments.withValues { values in
                PQsendQueryPrepared(
                    handle, name, Int32(values.count), values, arguments.lengths, arguments.formats, 1)
            }
            guard sent == 1 else { throw unreachable() }
            expected.append(.answer)
        }
        guard PQpipelineSync(handle) == 1 else { throw unreachable() }
        return expected
    }

    private func flush(_ deadline: ContinuousClock.Instant) throws {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                // The server may wait for us to read before it reads on.
                if try wait(POLLIN | POLLOUT, deadline) & POLLIN != 0, PQconsumeInput(handle) == 0 {
                    throw unreachable()
                }
            default: throw unreachable()
            }
        }
    }

    private func answers(_ expected: [Expected], _ deadline: ContinuousClock.Instant) throws -> [Answer] {
        var answers: [Answer] = []
        var refusal: PostgreSQLError?
        var position = 0
        while true {
            guard let result = try nextResult(deadline) else { continue }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                if let refusal { throw refusal }
                return answers
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if position < expected.count, case .answer = expected[position] {
                    answers.append(
                        Answer(
                            rows: try PostgreSQLResult(handle: result).rows(),
                            command: PQcmdStatus(result).map { String(cString: $0) } ?? ""))
                }
            case PGRES_PIPELINE_ABORTED: forgetPreparation(expected, position)
            default:
                forgetPreparation(expected, position)
                refusal = refusal ?? Self.refusal(result)
            }
            position += 1
        }
    }

    private func readUnread(_ deadline: ContinuousClock.Instant) throws {
        while let expected = unread.first {
            do {
                _ = try answers(expected, deadline)
            } catch PostgreSQLError.refused {
                // Nobody listens; the transaction is over either way.
            }
            unread.removeFirst()
        }
    }

    /// A statement that was refused, or came after one that was, has not been prepared.
    private func forgetPreparation(_ expected: [Expected], _ position: Int) {
        if position < expected.count, case .preparation(let key) = expected[position] { prepared[key] = nil }
    }

    private func nextResult(_ deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            try wait(POLLIN, deadline)
            guard PQconsumeInput(handle) == 1 else { throw unreachable() }
        }
        let result = PQgetResult(handle)
        if result == nil, PQstatus(handle) == CONNECTION_BAD { throw unreachable() }
        return result
    }

    /// - Returns: what the socket is ready for.
    @discardableResult
    private func wait(_ events: Int32, _ deadline: ContinuousClock.Instant) throws -> Int32 {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw PostgreSQLError.deadline }
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: left.wholeMilliseconds + 1))
            if ready > 0 { return Int32(descriptor.revents) }
            if ready < 0, errno != EINTR { throw unreachable() }
        }
    }

    /// The messages of libpq name hosts, users and databases, never passwords.
    private func unreachable() -> PostgreSQLError {
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return .unreachable(message.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }

    private static func refusal(_ result: OpaquePointer) -> PostgreSQLError {
        let state = PQresultErrorField(result, sqlState).map { String(cString: $0) } ?? ""
        let message = PQresultErrorField(result, primaryMessage).map { String(cString: $0) } ?? ""
        return .refused(state: state, message: message)
    }
}

extension PostgreSQLLink {
    /// Waits until the server has sent notifications, or `wake` can be read.
    ///
    /// - Returns: their payloads; none where the time was over or the other descriptor spoke.
    /// - Throws: `PostgreSQLError` where the connection is lost.
    func notifications(orReadable wake: Int32, within timeout: Duration) throws -> [String] {
        if let pending = pendingNotifications() { return pending }
        var descriptors = [
            pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, 2, Int32(clamping: timeout.wholeMilliseconds))
        guard ready > 0, descriptors[0].revents != 0 else { return [] }
        guard PQconsumeInput(handle) == 1 else {
            close()
            throw unreachable()
        }
        return pendingNotifications() ?? []
    }

    private func pendingNotifications() -> [String]? {
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            payloads.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return payloads.isEmpty ? nil : payloads
    }
}

extension Duration {
    /// Rounded down.
    var wholeMilliseconds: Int64 {
        let parts = components
        return parts.seconds.multipliedReportingOverflow(by: 1000).partialValue
            + parts.attoseconds / 1_000_000_000_000_000
    }
}

/// Texts that end in NUL, for the time of one call.
private struct CStrings {
    private let bytes: [[CChar]]

    init(_ texts: [String]) { bytes = texts.map { $0.utf8CString.map { $0 } } }

    /// Calls `body` with the addresses and a null pointer behind them.
    func withPointers<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        let joined = bytes.flatMap { $0 }
        var offsets: [Int] = []
        var offset = 0
        for text in bytes {
            offsets.append(offset)
            offset += text.count
        }
        return joined.withUnsafeBufferPointer { buffer in
            body(offsets.map { buffer.baseAddress?.advanced(by: $0) } + [nil])
        }
    }
}
