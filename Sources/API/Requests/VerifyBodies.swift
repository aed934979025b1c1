/// `POST /v1/verify`. That exactly one of `key` and `keySHA256` is there is for the plane to check.
public struct VerifyBody: RequestBody {
    /// The presented text; empty is a key that was not sent.
    public let key: String?
    public let keySHA256: String?
    public let permission: String?
    public let ip: String?
    /// nil means 1.
    public let cost: Int64?
    public let consistency: String?
    public let minRevision: Int64?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        key = try reader.string("key")
        keySHA256 = try reader.string("key_sha256")
        permission = try reader.string("permission")
        ip = try reader.string("ip")
        cost = try reader.integer("cost")
        consistency = try reader.string("consistency")
        minRevision = try reader.integer("min_revision")
    }
}

/// `POST /v1/verify/batch`. How many there may be is for the plane to check.
public struct VerifyBatchBody: RequestBody {
    public let requests: [VerifyBody]

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        var requests: [VerifyBody] = []
        for var element in try reader.required("requests", as: [ObjectReader].self) {
            requests.append(try VerifyBody(&element))
            try element.finish()
        }
        self.requests = requests
    }
}
