import CVerification

/// The present eras of a table, one for each of some threads: a count that all processors write to would have to come
/// over from the one that was here last, twice a call. What leaves is kept by each era that is held.
struct RecordEras: ~Copyable {
    // As many as leave room in their line of the processor's cache for what finds a record.
    private var eras = InlineArray<4, RecordEra> { _ in RecordEra() }

    /// The one of this thread and of some others.
    var present: RecordEra {
        // Below the count of four.
        eras[unchecked: Int(keybearer_thread_number() & 3)]
    }

    /// Nothing is handed out any more.
    func end(with objects: AnyObject) {
        for index in eras.indices { _ = eras[index].end(with: objects) }
    }

    /// Has whoever was handed something keep what left.
    mutating func endWhereHeld(with objects: AnyObject) {
        for index in eras.indices where !isKnownUniquelyReferenced(&eras[index]) {
            eras[index] = eras[index].end(with: objects)
        }
    }
}
