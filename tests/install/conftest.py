"""One installation for all that is looked at in it: it takes most of a minute to make."""

import re
from collections.abc import Iterator

import pytest

from tests.install.installation import ADMIN_STEP, Installation, installed
from tests.install.visitor import Visitor

PASSWORD = "three words nobody guesses"


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    """What the guide's blocks make, up to the step on Zoom."""
    with installed() as played:
        yield played


@pytest.fixture(scope="package")
def admin(installation: Installation) -> Iterator[Visitor]:
    """The first admin, come in by the link that the guide's command prints."""
    said = installation.said[ADMIN_STEP].partition("opens this link")[2]
    link = re.findall(r"https://\S+", said)[0]
    with installation.visitor() as visitor:
        visitor.send(
            link.removeprefix(visitor.url), first_name="Amina", last_name="Haddad", timezone="UTC", password=PASSWORD
        )
        yield visitor


@pytest.fixture(scope="package")
def teacher(admin: Visitor) -> str:
    """The address of somebody whom the admin invited to teach."""
    address = "teacher@school.example"
    admin.send("/people/invite", emails=address, role="teacher")
    return address
