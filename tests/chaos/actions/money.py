"""Lessons that are bought and given back, at the bank too."""

import random
from collections import Counter
from functools import partial
from typing import Final

from tests.chaos.journal import Action, Outcome
from tests.chaos.people import People, at_once
from tests.chaos.school import STUDENTS

PAID: Final = 0.8
CANCELLED: Final = 0.6
# One of so many of which the least was given back so far.
REFUNDABLE: Final = 3


def buy(people: People, dice: random.Random, *, pays: float = PAID) -> None:
    """Begin to buy a package, and mostly pay it, unless that is done already."""
    student, offer = dice.choice(STUDENTS), people.stage.school.offer
    made = people.ask("buy", student, "/api/purchases", offer, student=student)
    if made.outcome is Outcome.DONE and made.answer["pay_url"] and dice.random() < pays:
        _pay(people, made.answer["pay_url"])
        made.facts["paid"] = made.answer["purchase"]["id"]


def refund(people: People, dice: random.Random) -> None:
    """
    Two admins' requests, at one moment, to give back lessons of one package: some, or all that are left. While there are few,
    one more is bought: the school hears of its payment by the time of the next.
    """
    asked = Counter(action.about for action in people.journal.of("refund"))
    paid = {action.facts["paid"] for action in people.journal.done("buy") if "paid" in action.facts}
    if paid:
        purchase = dice.choice(sorted(paid, key=lambda one: (asked[one], one))[:REFUNDABLE])
        at_once(*(partial(_give_back, people, purchase, dice.choice([1, 2, None])) for _request in range(2)))
    if len(paid) < 2 * REFUNDABLE:
        buy(people, dice, pays=1)


def _give_back(people: People, purchase: str, lessons: int | None) -> Action:
    return people.ask("refund", "admin", f"/api/purchases/{purchase}/refund", {"lessons": lessons}, about=purchase)


def pay_lesson(people: People, dice: random.Random) -> None:
    """Somebody without an account books a lesson, mostly pays it, and often gives it up in good time."""
    number, start = dice.randrange(10**6), people.hour(dice, range(50, 90))
    body = people.stage.school.priced | {
        "start_time": start.isoformat(),
        "name": f"Payer {number}",
        "email": f"payer-{number}@family.example",
        "timezone": "Europe/Lisbon",
    }
    pays, gives_up = dice.random() < PAID, dice.random() < CANCELLED
    made = people.ask("pay", "", "/api/public/bookings", body, start=start)
    if made.outcome is not Outcome.DONE:
        return
    booking = made.answer["booking"]
    if pays and booking["pay_url"]:
        _pay(people, booking["pay_url"])
    if gives_up:
        token = booking["manage_url"].rstrip("/").rpartition("/")[2]
        people.ask("give up", "", f"/api/public/bookings/{token}/cancel", {}, about=body["email"])


def _pay(people: People, url: str) -> None:
    people.stage.bank.pay(url.rpartition("/")[2], waits=False)
