"""What was bought and paid: what accounting needs stays, without a name once the account has none."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import Kept, Purpose, Table, deleted, stays, table

TABLES: Final[tuple[Table, ...]] = (
    table(
        "payments.Offer",
        Purpose.TEACHING,
        Kept.RECORDS,
        stays("teacher"),
        title=_("Lessons with you that are for sale"),
        teaching="name kind teacher lessons price currency valid_days is_on_sale created_at updated_at",
        technical="id",
    ),
    table(
        "payments.Purchase",
        Purpose.PAYING,
        Kept.RECORDS,
        stays("payer"),
        stays("student"),
        stays("teacher", withheld="name lessons amount currency status paid_amount paid_currency refunded_amount"),
        title=_("What was bought"),
        teaching="payer student teacher name kind lessons amount currency valid_days status paid_amount paid_currency"
        " refunded_amount created_at paid_at credited_at closed_at",
        technical="id offer booking provider checkout_id payment_id look_at",
    ),
    table(
        "payments.Refund",
        Purpose.PAYING,
        Kept.RECORDS,
        stays("purchase__payer"),
        stays("purchase__student"),
        stays("by"),
        title=_("What was refunded"),
        teaching="amount lessons missing status asked_at done_at",
        technical="id purchase provider_id by",
    ),
    table(
        "payments.BoughtLesson",
        Purpose.PAYING,
        Kept.RECORDS,
        deleted("credit__student"),
        title=_("Lessons that were bought"),
        teaching="number",
        technical="id purchase credit refund",
    ),
    table(
        "payments.ProviderEvent",
        Purpose.PAYING,
        Kept.RECORDS,
        technical="id provider event_id kind purchase received_at",
    ),
)
