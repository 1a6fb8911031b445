"""What the provider says of somebody: their username, and with which factors they signed in."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        methods = ["pwd", "mfa"] if request.user.username.endswith("-mfa") else ["pwd"]
        return {"preferred_username": request.user.username.removesuffix("-mfa"), "amr": methods}
