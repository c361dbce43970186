"""What Snowflake's errors mean to a person: what did not happen, why, what to do next."""

import re
from dataclasses import dataclass
from typing import Any, Final

from flows.contract import SchemaPair
from flows.warehouse.base import WarehouseError


class ConnectionLost(WarehouseError):
    """No answer came back, so nobody knows from this whether the statement ran."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence may name of a connection: nothing of it is secret."""

    account: str = ""
    user: str = ""
    role: str = ""
    warehouse: str = ""
    database: str = ""
    production: str = ""
    staging: str = ""
    timeout_seconds: float = 0.0
    further: tuple[SchemaPair, ...] = ()
    """The schemas that are published together with the two above."""
    audit_role: str = ""
    """The role that queries run as; empty if they run as `role`."""
    staging_database: str = ""
    """The database that is swapped with `database`, if staging is one: `staging` then begins with it and a dot."""

    @property
    def is_auditing(self) -> bool:
        """Whether this is the connection of the role that only reads."""
        return bool(self.audit_role) and self.role == self.audit_role


_SESSION_GONE: Final = frozenset({390104, 390110, 390111, 390112, 390114, 390115, 390195})
_NO_ANSWER: Final = frozenset({250001, 250002, 250003, 250005, 251011, 251012, 252007, 252010})

_LOGIN_TO_AUDIT: Final = (
    ("Role .* (does not exist|not authorized|is not granted)|requested role|390186|390189|390317",
     "The role `{role}` does not exist or is not granted to the user `{user}`. "
     "Grant it with GRANT ROLE, or correct `warehouse.audit_role` in wap.toml."),
)  # fmt: skip
"""Like `_LOGIN`, and before it, for the role that only reads."""

_LOGIN: Final = (
    ("Role .* (does not exist|not authorized|is not granted)|requested role|390186|390189",
     "The role `{role}` does not exist or is not granted to the user `{user}`. "
     "Grant it with GRANT ROLE, or correct `role` in dbt's profile."),
    ("incorrect username or password|390100",
     "Snowflake refuses the user `{user}` or its password. Correct `user` and `password` in dbt's profile."),
    ("jwt token|390144|private key",
     "Snowflake refuses the key of the user `{user}`: it is not the one that is set there, or its token has expired. "
     "Set the public key with ALTER USER ... SET RSA_PUBLIC_KEY, or correct `private_key_path` in dbt's profile."),
    ("password.*expired|expired.*password|390106",
     "The password of the user `{user}` has expired. Set a new one, or use a key pair."),
    ("programmatic access token|oauth|token.*(expired|invalid)|390303|390318|390394|390395",
     "Snowflake refuses the token of the user `{user}`: it is wrong or has expired. "
     "Make a new one and put it where dbt's profile takes it from."),
    ("locked|390102",
     "The user `{user}` is locked. Wait 15 minutes, or let an administrator unlock it."),
    ("not allowed to access snowflake|network polic|390420|390422|390429",
     "The network policy of the account `{account}` does not let this machine in. "
     "Let an administrator add its address."),
    ("404 not found|290404|does not match|name or service not known|could not resolve|failed to resolve|getaddrinfo",
     "There is no Snowflake account `{account}` that answers. Correct `account` in dbt's profile: "
     "organization and account name with a hyphen between, without `.snowflakecomputing.com`."),
)  # fmt: skip
"""(words or codes in what the connector says at login, what they mean and what to do)."""

_AUDIT: Final[tuple[tuple[frozenset[int], str, str], ...]] = (
    (frozenset({2003, 2043, 3001, 3003}), "does not exist or not authorized|insufficient privileges",
     "The role `{role}` of `warehouse.audit_role` may not read that. GRANT USAGE ON SCHEMA and SELECT ON ALL TABLES "
     "and ALL VIEWS in it to the role; `wap doctor --warehouse` tells where it is missing."),
    (frozenset({606, 607}), "",
     "No warehouse runs for it. GRANT USAGE ON WAREHOUSE `{warehouse}` TO ROLE `{role}`."),
)  # fmt: skip
"""Like `_STATEMENT`, and before it, for the role that only reads."""

_STATEMENT: Final[tuple[tuple[frozenset[int], str, str], ...]] = (
    (frozenset({606, 607}), "",
     "No warehouse runs for it. Set `warehouse` in dbt's profile to one that the role `{role}` may use."),
    (frozenset({90073}), "resource monitor|quota",
     "The warehouse `{warehouse}` is suspended: its resource monitor has used up its quota. "
     "Raise the quota, or name another `warehouse` in dbt's profile."),
    (frozenset(), "warehouse .* (is suspended|cannot be resumed)|cannot be resumed",
     "The warehouse `{warehouse}` is suspended. Resume it with ALTER WAREHOUSE ... RESUME, or let the role `{role}` "
     "do so with GRANT OPERATE ON WAREHOUSE."),
    (frozenset({3001, 3003, 3005}), "insufficient privileges",
     "The role `{role}` lacks a privilege. Grant it, or let the role own the schemas `{production}` and `{staging}`."),
    (frozenset({2003, 2043}), "does not exist or not authorized|does not exist, or operation",
     "It does not exist in `{database}`, or the role `{role}` may not see it. Correct the name in dbt's profile, or "
     "grant USAGE on the database and the schema and SELECT on what is in it."),
    (frozenset({630}), "statement timeout|reached its statement",
     "It took longer than {timeout_seconds:g} s and was stopped. Use a larger warehouse, or try again when it is "
     "less busy."),
    (frozenset({604}), "",
     "Somebody cancelled it, or the connector did, because it was not done within `network_timeout`. Look into the "
     "history of queries of the warehouse `{warehouse}`, and try again."),
)  # fmt: skip


def unopened(error: BaseException, facts: Facts) -> WarehouseError:
    """The login did not succeed."""
    text = f"{getattr(error, 'errno', '')} {reason(error)}"
    for words, meaning in (*(_LOGIN_TO_AUDIT if facts.is_auditing else ()), *_LOGIN):
        if re.search(words, text, re.IGNORECASE):
            return WarehouseError(f"The warehouse was not opened. {_filled(meaning, facts)}")
    if is_lost(error):
        return ConnectionLost(
            f"The warehouse was not opened. The account `{facts.account}` does not answer: {reason(error)}. "
            "Check the account in dbt's profile and the network between here and there, and try again."
        )
    return WarehouseError(
        f"The warehouse was not opened. Snowflake says: {reason(error)}. Correct the connection in dbt's profile."
    )


def failed(what: str, error: BaseException, facts: Facts) -> WarehouseError:
    """`what` says what did not happen, as a sentence of its own."""
    if is_gone(error):
        return ConnectionLost(f"{what} The session expired before the statement ran. Try again.")
    if is_lost(error):
        return ConnectionLost(f"{what} The connection to `{facts.account}` was lost: {reason(error)}. Try again.")
    errno, text = getattr(error, "errno", None), reason(error)
    for codes, words, remedy in (*(_AUDIT if facts.is_auditing else ()), *_STATEMENT):
        if errno in codes or (words and re.search(words, text, re.IGNORECASE)):
            return WarehouseError(f"{what} Snowflake says: {text}. {_filled(remedy, facts)}")
    return WarehouseError(f"{what} Snowflake says: {text}. Correct that and try again.")


def not_open() -> WarehouseError:
    """The warehouse was used outside of `with`."""
    return WarehouseError("Nothing was done. The warehouse is not open. Use it inside `with warehouse:`.")


def is_gone(error: BaseException) -> bool:
    """Whether the server says that the session has ended: then it has not run the statement."""
    return getattr(error, "errno", None) in _SESSION_GONE


def is_lost(error: BaseException) -> bool:
    """Whether no answer of the server came back: the statement may have run."""
    if is_gone(error) or getattr(error, "errno", None) in _NO_ANSWER:
        return True
    # What the connector raises for HTTP 408, 429, 5xx and broken sockets has no errno of its own, or the status as one.
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & _TRANSPORT) or isinstance(error, OSError)


_TRANSPORT: Final = frozenset({
    "InternalServerError", "ServiceUnavailableError", "GatewayTimeoutError", "RequestTimeoutError", "BadGatewayError",
    "TooManyRequests", "OtherHTTPRetryableError", "RequestExceedMaxRetryError", "HttpError", "HTTPError",
    "RetryRequest",
})  # fmt: skip


def reason(error: BaseException) -> str:
    """Snowflake's own words on one line: without codes, query ids and values of rows."""
    text = str(getattr(error, "msg", None) or error)
    text = " ".join(re.sub(r"^\d{6} \(\w{5}\):( [0-9a-f-]{36}:)?", "", text).split())
    text = re.sub(r"(SQL (compilation|execution) error: ?)+(error line \d+ at position -?\d+)?", "", text).strip(" .")
    return _REDACTED.sub("'...'", text)[:400] if _quotes_values(error, text) else text[:400]


_REDACTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]")


def _quotes_values(error: BaseException, text: str) -> bool:
    # Conversion errors (SQLSTATE class 22, errors 1000xx) and merges of duplicate rows name the offending value.
    errno, state = getattr(error, "errno", None), str(getattr(error, "sqlstate", "") or "")
    is_conversion = state.startswith("22") or (isinstance(errno, int) and 100000 <= errno < 101000)
    return is_conversion or "Row Values" in text or "not recognized" in text


def _filled(text: str, facts: Facts) -> str:
    names: dict[str, Any] = {name: getattr(facts, name) or "unnamed" for name in Facts.__slots__}
    return text.format(**(names | {"timeout_seconds": facts.timeout_seconds}))
