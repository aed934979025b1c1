/// The start of a device login (RFC 8628, section 3.2).
public struct DeviceAuthorizationResource: Resource {
    public let deviceCode: String
    public let userCode: String
    public let verificationURI: String
    public let completeVerificationURI: String
    public let expiresInSeconds: Int64
    public let intervalSeconds: Int64

    public init(
        deviceCode: String, userCode: String, verificationURI: String, completeVerificationURI: String,
        expiresInSeconds: Int64, intervalSeconds: Int64
    ) {
        self.deviceCode = deviceCode
        self.userCode = userCode
        self.verificationURI = verificationURI
        self.completeVerificationURI = completeVerificationURI
        self.expiresInSeconds = expiresInSeconds
        self.intervalSeconds = intervalSeconds
    }

    public var json: JSON {
        [
            "device_code": .string(deviceCode), "user_code": .string(userCode),
            "verification_uri": .string(verificationURI),
            "verification_uri_complete": .string(completeVerificationURI),
            "expires_in": .integer(expiresInSeconds), "interval": .integer(intervalSeconds),
        ]
    }
}

/// The end of a device login (RFC 6749, section 5.1); the only place in which the token is sent.
public struct DeviceTokenResource: Resource {
    public let accessToken: String
    public let expiresInSeconds: Int64

    public init(accessToken: String, expiresInSeconds: Int64) {
        self.accessToken = accessToken
        self.expiresInSeconds = expiresInSeconds
    }

    public var json: JSON {
        [
            "access_token": .string(accessToken), "token_type": "Bearer",
            "expires_in": .integer(expiresInSeconds),
        ]
    }
}

/// A refusal in the form of RFC 6749, section 5.2.
public struct OAuthErrorResource: Resource {
    public let error: String
    public let errorDescription: String

    public init(error: String, errorDescription: String) {
        self.error = error
        self.errorDescription = errorDescription
    }

    public var json: JSON { ["error": .string(error), "error_description": .string(errorDescription)] }
}
