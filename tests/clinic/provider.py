"""A hospital's sign-in for the tests: a small OpenID Connect provider that can be told to err in one way."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "countwell", "a-secret-of-the-tests"
Claims = dict[str, Any]


class Provider:
    """Serves until `close`. claims: of whom the next token speaks; sign: makes the token; said: changes to what it says of itself."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: Claims = {}
        self.said: dict[str, Any] = {}
        self.moved, self.challenge = False, ""
        self.sign: Callable[[Claims], str] = self.signed
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()

    def signed(self, claims: Claims, key: Any = None, **header: str) -> str:
        """A token as it should be, or signed by another key, or with another head."""
        return jwt.encode(claims, key or self.key, header.pop("alg", "RS256"), {"kid": "one", **header})

    def token(self) -> str:
        """Of whoever signs in next."""
        now = int(time.time())
        usual = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "sub": "s-1", "email_verified": True}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return self.sign(claims)

    def of_itself(self) -> dict[str, Any]:
        """What stands at the well-known address."""
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        ends = {name: f"{self.address}/{path}" for name, path in names.items()}
        return {
            "issuer": self.address,
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **ends,
            **self.said,
        }

    def keys(self) -> dict[str, Any]:
        """The public keys."""
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def is_right(self, form: dict[str, list[str]]) -> bool:
        """Whether who fetches the token is the clinic, and the browser the one that set out (PKCE)."""
        shown = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
        proven = base64.urlsafe_b64encode(shown).decode().rstrip("=") == self.challenge
        return proven and form.get("client_secret") == [SECRET] and form.get("code") == ["a-code"]


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/.well-known/openid-configuration" and provider.moved:
                self.send_response(302)
                self.send_header("Location", f"{provider.address}/elsewhere")
                self.end_headers()
                return
            self._say({"/keys": provider.keys}.get(path, provider.of_itself)())

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if provider.is_right(form):
                self._say({"access_token": "x", "token_type": "Bearer", "id_token": provider.token()})
            else:
                self._say({"error": "invalid_grant"}, 400)

        def _say(self, content: object, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler
