import KeybearerAPI

extension Client {
    /// A call of a product's own, that stands beside Keybearer's on the same server: sent with the same credential,
    /// repeated and refused by the same rules.
    ///
    /// - Parameters:
    ///   - path: its parts, escaped here: `["v1", "project", id]`.
    ///   - query: parts without a value are left out.
    ///   - isRepeatable: whether twice is the same as once; nil is so for every method but POST and PATCH.
    public func call(
        _ method: String, _ path: [String], query: [(String, String?)] = [], body: JSON? = nil,
        isRepeatable: Bool? = nil
    ) async throws(ClientError) -> JSON {
        let repeatable = isRepeatable ?? !["POST", "PATCH"].contains(method)
        var call = APICall(method, path, effect: repeatable ? .repeatable : .once).asking(query)
        if let body { call = call.with(body) }
        return try await send(call).json
    }
}
