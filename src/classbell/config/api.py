"""The HTTP API: one NinjaAPI that every module's router hangs on, and the errors in the contract's shape."""

from ninja import NinjaAPI

api = NinjaAPI(title="Classbell", version="1", docs_url="/docs", openapi_url="/openapi.json", urls_namespace="api")
