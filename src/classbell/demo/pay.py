"""What the demo's teachers are paid: one by the hour, with more since this month, one by the lesson, one not said yet."""

from datetime import datetime, timedelta
from typing import Final

from classbell.demo.people import People
from classbell.earnings.models import Per
from classbell.earnings.services import set_rate

SINCE: Final = timedelta(days=200)


def pay_teachers(people: People, *, now: datetime) -> None:
    """Set the rates. A teacher without one shows what admins are told then."""
    begin, month = (now - SINCE).date(), now.date().replace(day=1)
    hour, lesson = Per.HOUR, Per.LESSON
    for name, since, amount, per in [
        ("teacher", begin, 1800, hour),
        ("teacher", month, 2000, hour),
        ("khalid", begin, 1500, lesson),
    ]:
        set_rate(teacher=people[name], in_force_from=since, amount=amount, currency="EUR", per=per, now=now)
