#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A value that is only touched while its lock is held.
///
/// A POSIX mutex, where `Synchronization.Mutex` would read the same: on Linux the thread sanitizer does not see the
/// latter's contended path and takes correct code for a race, and then nobody believes its reports
/// (https://github.com/swiftlang/swift/issues/88440 has what that path costs besides).
struct Guarded<Value: ~Copyable & Sendable>: ~Copyable, @unchecked Sendable {
    // Sound, because both pointers are made in `init`, freed in `deinit` and never handed out, and the value is reached
    // in `withLock` alone, between locking and unlocking. A noncopyable owner cannot be destroyed while it is borrowed
    // for a call, and the value is Sendable itself, so what `body` returns may leave. The mutex has an address of its
    // own, as POSIX asks, since the struct may move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ value: consuming Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Not to be entered again from `body`.
    func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}
