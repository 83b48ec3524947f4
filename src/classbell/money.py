"""Amounts of money: whole numbers of a currency's smallest unit, and how people read and type them."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language


def price_in_words(amount: int, currency: str) -> str:
    """Return an amount in the smallest unit of a currency as the reader's language writes it."""
    language = (get_language() or "en").replace("-", "_")
    return format_currency(as_typed(amount, currency), currency, locale=language)


def as_typed(amount: int, currency: str) -> Decimal:
    """Return an amount in the smallest unit of a currency as people type it: 2550 of EUR is 25.50."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def in_smallest_unit(typed: Decimal, currency: str) -> int:
    """Return what was typed in the smallest unit of a currency. Raises ValueError for a part of such a unit."""
    scaled = typed.scaleb(get_currency_precision(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(typed)
    return int(scaled)
