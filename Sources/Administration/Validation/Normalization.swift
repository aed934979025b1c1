import Foundation

extension String {
    /// Whether the text is in Unicode normalization form C, compared by scalars: `==` on strings would say yes
    /// to every canonically equivalent text.
    var isNormalizedNFC: Bool {
        precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual(unicodeScalars)
    }
}
