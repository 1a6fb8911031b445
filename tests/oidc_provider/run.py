"""`python run.py HOME PORT CALLBACK SECRET`: makes the provider's people and the one client, and serves it."""

import os
import sys
from pathlib import Path

home, port, callback, secret = sys.argv[1:]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {
    "PROVIDER_HOME": home,
    "DJANGO_SETTINGS_MODULE": "oidc_provider.settings",
    "OAUTHLIB_INSECURE_TRANSPORT": "1",
}

from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
(Path(home) / "key.pem").write_text(pem)

import django  # noqa: E402

django.setup()
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

call_command("migrate", verbosity=0)
for name in ("worker", "worker-mfa", "second", "stranger"):
    get_user_model().objects.create_user(name, password="the organisation knows me")
get_application_model().objects.create(
    name="Concord",
    client_id="concord",
    client_secret=secret,
    client_type="confidential",
    authorization_grant_type="authorization-code",
    redirect_uris=callback,
    skip_authorization=True,
    algorithm="RS256",
)
from wsgiref.simple_server import make_server  # noqa: E402

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

server = make_server("127.0.0.1", int(port), WSGIHandler())
print("ready", flush=True)
server.serve_forever()
