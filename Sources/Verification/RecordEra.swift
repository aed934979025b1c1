import Synchronization

/// What those hold who were handed records of a table, instead of a count in each record: whatever leaves the table while
/// an era is held is kept until nobody holds that era or an earlier one.
///
/// Of a table one era is the present one (`RecordEras`: for some of the threads). When something leaves and nobody holds it,
/// so that nobody has been handed anything, nothing is kept; otherwise the era ends with what left, and refers to the next.
final class RecordEra: Sendable {
    // Addresses of objects with a count of this one's own, 0 before; written once, under the table's lock.
    private let left = Atomic<UInt>(0)
    private let next = Atomic<UInt>(0)
    // Of two eras that were made one after the other the counts stand in different lines of the processor's cache.
    private let distance = InlineArray<4, UInt64>(repeating: 0)

    deinit {
        _ = Self.take(left, as: AnyObject.self)
        var following = Self.take(next, as: RecordEra.self)
        // One after the other: each would otherwise be freed from within the one before.
        while following != nil, isKnownUniquelyReferenced(&following) {
            following = following.flatMap { era in
                _ = Self.take(era.left, as: AnyObject.self)
                return Self.take(era.next, as: RecordEra.self)
            }
        }
    }

    /// The era that follows this one, at whose end these have left. To be called once.
    func end(with objects: AnyObject) -> RecordEra {
        let following = RecordEra()
        left.store(UInt(bitPattern: Unmanaged.passRetained(objects).toOpaque()), ordering: .releasing)
        next.store(UInt(bitPattern: Unmanaged.passRetained(following).toOpaque()), ordering: .releasing)
        return following
    }

    private static func take<Object: AnyObject>(_ place: borrowing Atomic<UInt>, as type: Object.Type) -> Object? {
        let address = place.exchange(0, ordering: .acquiringAndReleasing)
        return UnsafeRawPointer(bitPattern: address).map { Unmanaged<Object>.fromOpaque($0).takeRetainedValue() }
    }
}
