"""Pages about paying."""

from django.urls import path

from classbell.web.payments.views import buying, selling

urlpatterns = [
    path("buy/", buying.buy, name="buy"),
    path("buy/<uuid:offer_id>", buying.buy_offer, name="buy-offer"),
    path("purchases/<uuid:purchase_id>/", buying.purchase, name="purchase"),
    path("purchases/", selling.purchases, name="purchases"),
    path("purchases/<uuid:purchase_id>/refund", selling.refund, name="purchase-refund"),
    path("offers/", selling.offers, name="offers"),
    path("offers/new", selling.new_offer, name="offer-new"),
    path("offers/<uuid:offer_id>/", selling.offer, name="offer"),
]
