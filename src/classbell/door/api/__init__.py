"""What anybody may ask: `/api/public/`, without a sign-in. 404 for all that is not switched on."""

from ninja import Router

from classbell.door.api.guests import router as guests_router
from classbell.door.api.pages import router as pages_router
from classbell.door.api.slots import router as slots_router

router = Router(tags=["Open door"])
for part in (pages_router, guests_router, slots_router):
    router.add_router("", part)
