"""Lessons that are bought, at the bank too."""

import random

from tests.chaos.journal import Outcome
from tests.chaos.people import People
from tests.chaos.school import STUDENTS


def buy(people: People, dice: random.Random) -> None:
    """Begin to buy a package, and mostly pay it, unless that is done already."""
    student, offer = dice.choice(STUDENTS), people.stage.school.offer
    made = people.ask("buy", student, "/api/purchases", offer, student=student)
    if made.outcome is Outcome.DONE and made.answer["pay_url"] and dice.random() < PAID:
        people.stage.bank.pay(made.answer["pay_url"].rpartition("/")[2], waits=False)


PAID = 0.8
