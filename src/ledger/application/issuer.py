"""Tokens of somebody else's issuing: JSON Web Tokens, whose issuer's public key the deployment has named."""

from typing import Any, Final, get_args

from ledger.domain.keys import AccessKey, Scope
from ledger.domain.refusals import Unauthorized

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
"""Of public keys only: whoever can check a token can make none."""
LEEWAY_SECONDS: Final = 10
TOKENS_KEPT_MAX: Final = 1_000
_SCOPES: Final = frozenset(get_args(Scope))


class JwtNotInstalledError(ValueError):
    """The package that reads tokens is missing."""

    def __init__(self) -> None:
        super().__init__(
            "LEDGER_JWT_KEY: tokens need a package that is not installed: pip install 'production-ledger[jwt]'"
        )


class Issuer:
    """Whose tokens let their bearers in, each as a key of the name that the token gives. Threads may share it."""

    def __init__(
        self, public_key: str, *, issuer: str | None = None, audience: str | None = None, scopes: tuple[str, ...] = ()
    ) -> None:
        """``scopes`` are what a token is for that names none of the ledger's. Raises ValueError where the key is none."""
        try:
            import jwt  # noqa: PLC0415  # an extra
        except ImportError:
            raise JwtNotInstalledError from None
        self._jwt: Any = jwt
        try:
            self._key = jwt.PyJWK.from_json(public_key).key if public_key.lstrip().startswith("{") else public_key
            jwt.get_algorithm_by_name(_algorithm_of(public_key)).prepare_key(self._key)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise ValueError(f"LEDGER_JWT_KEY: is no public key: {error}") from None
        self._issuer = issuer
        self._audience = audience
        self._scopes = scopes
        self._known: dict[str, tuple[AccessKey, float]] = {}

    def holder(self, token: str, now: float) -> AccessKey:
        """Who bears a token, at a time in seconds since the epoch. Raises Unauthorized where it is not good, or has run out."""
        known = self._known.get(token)
        if known is None:
            if len(self._known) >= TOKENS_KEPT_MAX:
                self._known.clear()
            known = self._known[token] = self._read(token)
        key, ends_at = known
        if now > ends_at + LEEWAY_SECONDS:
            raise Unauthorized("the token has run out")
        return key

    def _read(self, token: str) -> tuple[AccessKey, float]:
        try:
            claims: dict[str, Any] = self._jwt.decode(
                token,
                self._key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub"], "verify_aud": self._audience is not None},
            )
        except (self._jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Unauthorized(f"the token is not good: {error}") from None
        said = claims.get("scopes", claims.get("scope", ()))
        words = said.split() if isinstance(said, str) else [word for word in said if isinstance(word, str)]
        scopes = tuple(word for word in words if word in _SCOPES) or self._scopes
        session = claims.get("ledgerSession")
        key = AccessKey(
            name=str(claims["sub"]),
            scopes=scopes,
            sha256="",
            session_id=session if isinstance(session, str) else None,
            created_at=int(claims["iat"] * 1_000),
            created_by=str(claims.get("iss", "")),
        )
        return key, float(claims["exp"])


def _algorithm_of(public_key: str) -> str:
    """By which of the algorithms a key is tried when it is read."""
    for algorithm, mark in (("EdDSA", '"OKP"'), ("ES256", '"EC"'), ("RS256", '"RSA"')):
        if mark in public_key:
            return algorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519  # noqa: PLC0415  # comes with the extra
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415  # as above

    key = load_pem_public_key(public_key.encode())
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ES256"
    return "EdDSA" if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) else "RS256"
