"""Signing in with the school's own accounts: OpenID Connect and SAML, by django-allauth, with what it leaves unchecked."""
