"""The demo's open door: the school's page, two teachers of it, three kinds of lessons, one of them for a group."""

from classbell.bookings.kinds.services import create_kind
from classbell.bookings.models import ChosenBy, OpenTo
from classbell.demo.people import People, named
from classbell.door.services import change_school, change_teacher_page


def open_door(people: People) -> None:
    """Open the school to everybody."""
    amina, khalid = named(people, ("teacher", "khalid"))
    change_school(
        {
            "is_open": True,
            "name": "Nour Academy · أكاديمية نور",
            "english": "Arabic and Quran, one to one and in small groups, live on Zoom. Choose a time; it takes a minute.",
            "arabic": "العربية والقرآن، درسًا فرديًا أو في مجموعة صغيرة، مباشرة على Zoom. اختر وقتًا؛ لا يأخذ ذلك إلا دقيقة.",
            "shows_ratings": True,
        }
    )
    change_teacher_page(
        amina,
        {
            "is_public": True,
            "address": "amina-haddad",
            "english": "I teach Arabic to people who never thought they would read it.",
            "arabic": "أعلّم العربية لمن لم يظن يومًا أنه سيقرؤها.",
            "languages": ["ar", "en", "pt"],
        },
    )
    change_teacher_page(
        khalid,
        {
            "is_public": True,
            "address": "khalid-al-saadoun",
            "arabic": "أُقرئ القرآن الكريم برواية حفص منذ خمس عشرة سنة.",
            "languages": ["ar"],
        },
    )
    create_kind(
        {
            "name": "Trial lesson · درس تجريبي",
            "address": "trial",
            "description": "Half an hour to get to know each other. نصف ساعة للتعارف.",
            "minutes": [30],
            "trial": True,
            "open_to": OpenTo.EVERYBODY,
            "teachers": [amina.pk, khalid.pk],
        }
    )
    create_kind(
        {
            "name": "Private lesson · درس فردي",
            "address": "private",
            "minutes": [45, 60],
            "price": 2500,
            "currency": "EUR",
            "takes_a_lesson": True,
            "open_to": OpenTo.EVERYBODY,
            "chosen_by": ChosenBy.PRIORITY,
            "teachers": [amina.pk],
            "questions": [{"text": "What do you want to learn? ماذا تريد أن تتعلّم؟", "kind": "short"}],
        }
    )
    create_kind(
        {
            "name": "Conversation group · مجموعة محادثة",
            "address": "conversation",
            "minutes": [60],
            "seats": 6,
            "price": 900,
            "currency": "EUR",
            "open_to": OpenTo.EVERYBODY,
            "teachers": [amina.pk],
        }
    )
