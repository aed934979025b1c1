/// `POST /v1/sessions`.
public struct SignInBody: RequestBody {
    public let email: String
    public let password: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        email = try reader.requiredString("email")
        password = try reader.requiredString("password")
    }
}

/// `PUT /v1/me/password`.
public struct ChangePasswordBody: RequestBody {
    public let current: String
    public let new: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        current = try reader.requiredString("current")
        new = try reader.requiredString("new")
    }
}
