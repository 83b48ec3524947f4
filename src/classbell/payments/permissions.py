"""Who may do what with payments. Who may see purchases is `Purchase.objects.visible_to`."""

from uuid import UUID

from classbell.accounts.models import User
from classbell.payments.errors import NoSuchPurchase
from classbell.payments.models import Purchase


def sees_purchase(user: User, purchase_id: UUID) -> bool:
    """Who paid it, who it is for, their guardians, and admins. Raises NoSuchPurchase for everybody else."""
    if not Purchase.objects.visible_to(user).filter(pk=purchase_id).exists():
        raise NoSuchPurchase
    return True
