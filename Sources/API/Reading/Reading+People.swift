extension UserResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(id: try answer.string("id"), email: try answer.string("email"), name: try answer.string("name"))
    }
}

extension AccountResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            user: try UserResource(reading: answer), isVerified: try answer.bool("verified"),
            isDisabled: try answer.bool("disabled"), createdAt: try answer.string("created_at"))
    }
}

extension MemberResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            user: try answer.resource("user"), role: try answer.string("role"), grants: try answer.strings("grants"),
            permissions: try answer.strings("permissions"), joinedAt: try answer.string("joined_at"))
    }
}

extension RemovedMemberResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(apiKeys: try answer.resources("api_keys"))
    }
}

extension RoleResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            name: try answer.string("name"), permissions: try answer.strings("permissions"),
            isBuiltIn: try answer.bool("built_in"))
    }
}

extension PermissionsResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        let resources: [CataloguedResource] = try answer.resources("resources")
        self.init(
            resources: resources.map { (name: $0.name, actions: $0.actions) },
            permissions: try answer.strings("permissions"))
    }

    private struct CataloguedResource: ReadableResource {
        let name: String
        let actions: [String]

        init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
            name = try answer.string("name")
            actions = try answer.strings("actions")
        }

        var json: JSON { ["name": .string(name), "actions": JSON(actions)] }
    }
}

extension InvitationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), email: try answer.string("email"), role: try answer.string("role"),
            invitedBy: try answer.string("invited_by"), createdAt: try answer.string("created_at"),
            expiresAt: try answer.string("expires_at"))
    }
}

extension CreatedInvitationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(url: try answer.optionalString("url"), invitation: try InvitationResource(reading: answer))
    }
}

extension AcceptedInvitationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            user: try answer.resource("user"), organization: try answer.resource("organization"),
            role: try answer.string("role"))
    }
}

extension SessionResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), kind: try answer.string("kind"), isCurrent: try answer.bool("current"),
            createdAt: try answer.string("created_at"), lastSeenAt: try answer.string("last_seen_at"),
            expiresAt: try answer.string("expires_at"), ip: try answer.optionalString("ip"),
            organization: try answer.optionalString("organization"), via: try answer.optionalString("via"))
    }
}

extension SignedInResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            token: try answer.string("token"), expiresAt: try answer.string("expires_at"),
            user: try answer.resource("user"))
    }
}

extension SignInLinkResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(url: try answer.string("url"), expiresAt: try answer.string("expires_at"))
    }
}

extension DeviceAuthorizationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        let uri = try answer.string("verification_uri")
        self.init(
            deviceCode: try answer.string("device_code"), userCode: try answer.string("user_code"),
            verificationURI: uri,
            completeVerificationURI: try answer.optionalString("verification_uri_complete") ?? uri,
            expiresInSeconds: try answer.integer("expires_in"),
            intervalSeconds: try answer.optionalInteger("interval") ?? 5)
    }
}

extension DeviceTokenResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            accessToken: try answer.string("access_token"), expiresInSeconds: try answer.integer("expires_in"))
    }
}

extension CallerResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            kind: try answer.string("kind"), id: try answer.string("id"), name: try answer.string("name"),
            email: try answer.optionalString("email"), role: try answer.optionalString("role"),
            organization: try answer.optionalResource("organization"), permissions: try answer.strings("permissions"))
    }
}
