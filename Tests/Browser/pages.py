"""Every page there is, as (name, path, who); `{…}` stands for identifiers of the world."""

from world import ADMIN, FREE, FREE_OWNER, NEW, NEW_OWNER, ORGANIZATION, OWNER

NOBODY = None

EVERY = [
    ("sign-in", "/sign-in", NOBODY),
    ("link", "/sign-in/link/" + "0" * 64, NOBODY),
    ("invitation", "/invitations/" + "0" * 64, NOBODY),
    ("help-create", "/help/create", NOBODY),
    ("help-use", "/help/use", NOBODY),
    ("help-permissions", "/help/permissions", NOBODY),
    ("help-ip-allowlist", "/help/ip-allowlist", NOBODY),
    ("help-rotation", "/help/rotation", NOBODY),
    ("help-revocation", "/help/revocation", NOBODY),
    ("help-good-practice", "/help/good-practice", NOBODY),
    ("not-found", "/nowhere", NOBODY),
    ("keys", "/api-keys", OWNER),
    ("keys-all", "/api-keys?status=all&sort=name", OWNER),
    ("keys-no-match", "/api-keys?q=zzz", OWNER),
    ("key-new", "/api-keys/new", OWNER),
    ("key", "/api-keys/{Nightly deploy}?span=month", OWNER),
    ("key-day", "/api-keys/{Nightly deploy}", OWNER),
    ("key-explained", "/api-keys/{Nightly deploy}/explain?permission=invoice:read&ip=198.51.100.20", OWNER),
    ("key-rotating", "/api-keys/{Zapier integration}", OWNER),
    ("key-revoked", "/api-keys/{Laptop of a contractor}", OWNER),
    ("key-edit", "/api-keys/{Nightly deploy}/edit", OWNER),
    ("key-revoke", "/api-keys/{Nightly deploy}/revoke", OWNER),
    ("key-rotate", "/api-keys/{Nightly deploy}/rotate", OWNER),
    ("lookup", "/api-keys/lookup", OWNER),
    ("review", "/api-keys/review", OWNER),
    ("members", "/members", OWNER),
    ("member", "/members/{ben}", OWNER),
    ("member-remove", "/members/{ben}/remove", OWNER),
    ("roles", "/roles", OWNER),
    ("role", "/roles/release-team", OWNER),
    ("audit", "/audit", OWNER),
    ("audit-checked", "/audit?check=yes", OWNER),
    ("plan", "/plan", OWNER),
    ("settings", "/settings", OWNER),
    ("account", "/account", OWNER),
    ("device", "/device", OWNER),
    ("device-asks", "/device?user_code={device code}", OWNER),
    ("organizations", "/organizations", OWNER),
    ("keys-empty", "/api-keys", NEW_OWNER),
    ("review-clean", "/api-keys/review", NEW_OWNER),
    ("admin-refused", "/api-keys", ADMIN),
    ("free-full", "/api-keys", FREE_OWNER),
    ("free-plan", "/plan", FREE_OWNER),
]

HOME = {OWNER: ORGANIZATION, ADMIN: ORGANIZATION, FREE_OWNER: FREE, NEW_OWNER: NEW}


def path(template, keys):
    for name, identifier in keys.items():
        template = template.replace("{" + name + "}", identifier)
    return template


def people(server, keys):
    """The identifiers of people, for paths."""
    members = server.must("GET", "/v1/members", None, server.acting(OWNER, ORGANIZATION))["data"]
    return keys | {m["user"]["email"].split("@")[0]: m["user"]["id"] for m in members}
