"""OAuth 1.0a: every call is signed with two secrets that never travel (RFC 5849), by the library oauthlib.

Used by Magento 2 integrations, WooCommerce over plain HTTP, and NetSuite's token-based authentication, which wants the
account as `realm`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, quote, urlencode

from crossdock.contract import Config, ConfigError, Memory, Setting
from crossdock.toolkit.http.auth.kind import OpenDoor, text_of
from crossdock.toolkit.http.credential import Credential

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call

Signature = Literal["HMAC-SHA256", "HMAC-SHA1"]


@dataclass(frozen=True, kw_only=True)
class OAuth1:
    """Consumer and access token, each with its secret."""

    signature: Signature = "HMAC-SHA256"
    """Method; SHA-1 for servers that know nothing better, such as Magento 1."""
    realm: str | None = None
    """Setting that holds the realm, such as NetSuite's account. None: none is sent."""
    has_token: bool = True
    """Whether there is an access token; without it the consumer signs alone, as WooCommerce has it."""
    hosts: tuple[str, ...] = ()
    """None."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Keys, tokens and secrets."""
        found = [
            Setting("consumer_key", "Key of the registered application", required=True),
            Setting("consumer_secret", "Its secret", required=True, secret=True),
        ]
        if self.has_token:
            found.append(Setting("access_token", "Token that was granted to it", required=True, secret=True))
            found.append(Setting("token_secret", "The token's secret", required=True, secret=True))
        if self.realm:
            found.append(Setting(self.realm, "Account that the signature is for (the realm)", required=True))
        return tuple(found)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        del memory, door
        token = (text_of(config, "access_token"), text_of(config, "token_secret")) if self.has_token else (None, None)
        consumer = (text_of(config, "consumer_key"), text_of(config, "consumer_secret"))
        realm = text_of(config, self.realm) if self.realm else None
        return SigningCredential(consumer, token, self.signature, realm)


class SigningCredential(Credential):
    """Signs method, address and query; a JSON body is not part of an OAuth 1 signature (RFC 5849, 3.4.1.3)."""

    def __init__(
        self,
        consumer: tuple[str, str],
        token: tuple[str | None, str | None],
        signature: Signature,
        realm: str | None,
    ) -> None:
        """Takes key and secret of consumer and token.

        Raises:
            ConfigError: the library that signs is not installed.
        """
        super().__init__()
        try:
            from oauthlib import oauth1  # noqa: PLC0415  # loads with a session that needs it
        except ImportError as error:
            message = 'OAuth 1.0a needs oauthlib: pip install "crossdock[http]"'
            raise ConfigError(message) from error
        self._client = oauth1.Client(
            consumer[0],
            client_secret=consumer[1],
            resource_owner_key=token[0],
            resource_owner_secret=token[1],
            signature_method=signature,
            realm=realm,
        )

    def authorise(self, request: "httpx.Request") -> None:
        """Signs the request; it cannot be renewed."""
        query = request.url.query.decode("ascii")
        if query:  # a link may leave signs as they are that the library wants escaped
            pairs = parse_qsl(query, keep_blank_values=True)
            request.url = request.url.copy_with(query=urlencode(pairs, quote_via=quote).encode("ascii"))
        method: Any = request.method  # the library's types name those that there are
        _, headers, _ = self._client.sign(str(request.url), http_method=method)
        request.headers["Authorization"] = headers["Authorization"]
