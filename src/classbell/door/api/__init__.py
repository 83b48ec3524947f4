"""What anybody may ask: `/api/public/`, without a sign-in. 404 for all that is not switched on."""

from ninja import Router

router = Router(tags=["Open door"], auth=None)
