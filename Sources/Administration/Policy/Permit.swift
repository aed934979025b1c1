import KeybearerVerification

/// Leave to carry out one operation, given by the policy alone: there is no other way to make one.
///
/// Operations take the permit of their scope, so that what needs an organization cannot run without one.
public struct Permit<Scope: Sendable>: Sendable {
    public let operation: Operation
    public let caller: Caller
    public let scope: Scope

    init(_ operation: Operation, _ caller: Caller, _ scope: Scope) {
        self.operation = operation
        self.caller = caller
        self.scope = scope
    }
}

/// The scope of what needs no organization and no identity.
public struct Anywhere: Sendable {}

/// The scope of what a signed-in person does for themselves.
public struct Personal: Sendable {
    public let user: User
    public let session: Session
}

/// The scope of everything that belongs to an organization.
public struct InOrganization: Sendable {
    public let organization: Organization
    public let authority: Authority
}

/// The scope of the operator's own calls.
public struct Everywhere: Sendable {}

public typealias OpenPermit = Permit<Anywhere>
public typealias PersonalPermit = Permit<Personal>
public typealias OrganizationPermit = Permit<InOrganization>
public typealias OperatorPermit = Permit<Everywhere>
