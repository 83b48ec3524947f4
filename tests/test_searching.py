"""Searching by what somebody typed: every word counts, and nobody can make a search cost more than a search does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.folding import folded
from classbell.searching import LONGEST, MOST_WORDS, every_word, looked_for
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db

WORDS = " ".join(f"w{number}" for number in range(700))
PAGES = [
    "/teachers/?q={}",
    "/teachers/?subject={}",
    "/teachers/suggested?teacher={}",
    "/people/?q={}",
    "/audit/?person={}",
    "/meetings/?q={}",
    "/classes/?q={}",
    "/courses/?q={}",
    "/halakat/?q={}",
    "/search/?q={}",
    "/calendar/?teacher={}",
    "/policies/?teacher={}",
    "/admin/accounts/user/?q={}",
    "/admin/groups/group/?q={}",
    "/admin/bookings/booking/?q={}",
]


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_admin())
    return client


@pytest.mark.parametrize("field", ["q", "subject"])
@pytest.mark.parametrize(
    ("asked", "most"),
    [("a" * (LONGEST + 1), f"at most {LONGEST} characters"), ("a " * (MOST_WORDS + 1), f"at most {MOST_WORDS} words")],
    ids=["long", "many-words"],
)
def test_api_refuses_a_search_for_too_much_and_names_it(field: str, asked: str, most: str) -> None:
    answer = ApiClient().get("/api/bookings/teachers", **{field: asked})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.json()["details"][0]["field"] == field
    assert most in answer.json()["error"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_looks_for_more_than_a_few_words(admin: Client, page: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer: Any = admin.get(page.format(WORDS.replace(" ", "+")))

    assert answer.status_code in {200, 400}
    patterns = max(len(set(re.findall(r"%(w\d+)%", query["sql"], re.IGNORECASE))) for query in asked.captured_queries)
    assert patterns <= MOST_WORDS
    assert all(len(query["sql"]) < 20_000 for query in asked.captured_queries)


def test_words_are_looked_for_wherever_they_stand() -> None:
    teacher = make_teacher(first_name="Maryam", last_name="Al-Farsi")

    found = ApiClient().get("/api/bookings/teachers", q="farsi maryam").json()["teachers"]

    assert [row["id"] for row in found] == [str(teacher.pk)]


def test_what_is_looked_for_is_cut() -> None:
    assert looked_for("  two\n words ") == "two words"
    assert len(looked_for("a" * 500)) == LONGEST
    assert looked_for(WORDS).split() == WORDS.split()[:MOST_WORDS]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("عبد الله", "عبدالله"),
        ("عبدالله", "عبد الله"),
        ("أبو بكر", "ابوبكر"),
        ("أم كلثوم", "امكلثوم"),
        ("سالم", "سالم"),
    ],
)
def test_arabic_name_of_two_words_is_found_written_as_one(name: str, typed: str) -> None:
    teacher = make_teacher(first_name=name, last_name="")

    assert User.objects.filter(every_word(typed, "first_name", "last_name")).get() == teacher


@pytest.mark.parametrize("typed", ["احمد", "أَحمد", "الحربى", "أحمد الحربي", "احمــد الحربي", "حرب"])
def test_arabic_name_is_found_however_it_is_typed(admin: Client, typed: str) -> None:
    teacher = make_teacher(first_name="أحمد", last_name="الحربي", email="a.h@x.example")
    make_teacher(first_name="Maria", last_name="Silva")

    assert [row["id"] for row in found(typed)] == [str(teacher.pk)]
    assert "أحمد الحربي" in admin.get("/people/", {"q": typed}).content.decode()
    assert "a.h@x.example" in admin.get("/admin/accounts/user/", {"q": typed}).content.decode()


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("فاطمة", "فاطمه"),
        ("موسى", "موسي"),
        ("كريم", "کریم"),
        ("إيمان", "ايمان"),
        ("رؤى", "روي"),
        ("José", "jose"),
        ("Jose", "JOSÉ"),
        ("Łukasz", "lukasz"),
        ("Zoë", "zoe"),
        ("Straße", "STRASSE"),
        ("Æsa", "aesa"),
        ("O’Neil", "o'neil"),
        ("O'Neil", "oneil"),
        ("Işık", "ISIK"),
        ("٧ب", "7ب"),
        ("100%", "0%"),
        ("a_b", "A_B"),
        ("back\\slash", "k\\s"),
    ],
)
def test_name_is_found_by_what_sounds_the_same(kept: str, typed: str) -> None:
    teacher = make_teacher(first_name=kept)
    make_teacher(first_name="Other", last_name="Person")

    assert [row["id"] for row in found(typed)] == [str(teacher.pk)]


NAMES_IN_TWO_WORDS = [
    "عبد الله",
    "عبدالله",
    "عبدالرحمن",
    "عبد الرحمن",
    "أبو بكر",
    "ابوبكر",
    "أبو عبد الله",
    "ابوعبدالله",
    "نور الدين",
    "نورالدين",
]


@pytest.mark.parametrize("kept", NAMES_IN_TWO_WORDS)
@pytest.mark.parametrize("typed", NAMES_IN_TWO_WORDS)
def test_space_in_a_name_of_two_words_makes_no_difference(kept: str, typed: str) -> None:
    make_teacher(first_name=kept, last_name="الزهراني")

    assert bool(found(typed)) == (folded(typed) in folded(kept))


def test_name_parted_between_first_and_last_is_found_as_one_word() -> None:
    make_teacher(first_name="محمد عبد", last_name="الله")

    assert len(found("عبدالله")) == 1


LETTERS = st.text(st.sampled_from("aÉßøŁ’ أإآٱىيیةهعبدالورنمكکـ\u064e\u0651٣۴7\n"), max_size=40)
# What has no Arabic in it is folded by fewer rules.
LATIN = st.text(st.sampled_from("aBzZ9-'` \n"), max_size=40) | st.text(
    st.sampled_from("aÉßøŁđIıçñΣς’ʾ\u0301\u200d '\n"), max_size=40
)
# Arabic only once it is taken apart, as signs of old texts and of mathematics are.
COMPOSED = st.sampled_from(["ﷲ", "ﻻ", "عبد ﷲ", "\U0001ee00bu", "a \ufdf2", "\ufe8dbu x"])


@settings(deadline=None)
@given(text=LETTERS | LATIN | COMPOSED | st.sampled_from(NAMES_IN_TWO_WORDS))
def test_database_and_program_fold_alike(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT classbell_folded(%s)", [text])
        (kept,) = cursor.fetchone()

    assert kept == folded(text)


@pytest.mark.parametrize("typed", ["%", "_", "\\"])
def test_signs_of_patterns_are_looked_for_as_they_are(typed: str) -> None:
    make_teacher(first_name="Other")

    assert found(typed) == []


def test_class_and_meeting_are_found_as_people_are(admin: Client) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, name="حلقة القرآن")
    make_meeting(spec(teacher, group=group, title="مراجعة سورة الإخلاص", starts_at=timezone.now() + timedelta(days=1)))

    assert "حلقة القرآن" in admin.get("/classes/", {"q": "حلقه القران"}).content.decode()
    assert "مراجعة سورة الإخلاص" in admin.get("/meetings/", {"q": "الاخلاص سوره"}).content.decode()
    assert "مراجعة سورة الإخلاص" in admin.get("/search/", {"q": "مراجعه"}).content.decode()


# Kept, and typed in another spelling: what each letter of an Arabic name is also written as.
SPELLINGS = [
    *[(f"{alef}سعد", f"{other}سعد") for alef in "أإآٱٲا" for other in "أإآٱا"],
    ("رؤى", "روى"),
    ("فؤاد", "فواد"),
    ("رؤوف", "رؤف"),
    ("رءوف", "رؤوف"),
    ("وائل", "وايل"),
    ("رئيس", "ريس"),
    ("هانئ", "هاني"),
    ("هانىء", "هانئ"),
    ("شيماء", "شيما"),
    ("علاء الدين", "علا الدين"),
    ("داوود", "داود"),
    ("فاطمة", "فاطمه"),
    ("فاطمۃ", "فاطمة"),
    ("هدى", "هدي"),
    ("علي", "على"),
    ("یاسین", "ياسين"),
    ("کمال", "كمال"),
    ("گلناز", "كلناز"),
    ("پروین", "بروين"),
    ("ڤيكتور", "فيكتور"),
    ("مُحَمَّد", "محمد"),
    ("محـــمـد", "محمد"),
    ("ﻣﺤﻤﺪ", "محمد"),
    ("ﻻمع", "لامع"),
    ("١٢ب", "12ب"),
    ("۱۲ب", "١٢ب"),
    ("نور الدين", "نورالدين"),
    ("نورالدين", "نور الدين"),
    ("هبة الله", "هبه الله"),
    ("عبيدالله", "عبيد الله"),
    ("أم كلثوم", "امكلثوم"),
    ("الحربي", "حربي"),
    ("حربي", "الحربي"),
    ("حربي", "الحربى"),
    ("Oʻktam", "oktam"),
    ("ʿAbbās", "abbas"),
    ("ΓΙΩΡΓΟΣ", "γιωργος"),
    ("ﬁona", "FIONA"),
]


@pytest.mark.parametrize(("kept", "typed"), SPELLINGS)
def test_person_is_found_in_every_spelling_by_page_and_by_api(admin: Client, kept: str, typed: str) -> None:
    teacher = make_teacher(first_name=kept, last_name="Surname", email="found@x.example")
    make_teacher(first_name="Other", last_name="Person", email="other@x.example")

    assert [row["id"] for row in found(typed)] == [str(teacher.pk)]
    page = admin.get("/people/", {"q": typed}).content.decode()
    assert "found@x.example" in page
    assert "other@x.example" not in page
    assert kept in admin.get("/search/", {"q": typed}).content.decode()


@pytest.mark.parametrize("typed", ["الله", "اليا", "الهام"])
def test_article_is_looked_for_where_little_would_be_left(typed: str) -> None:
    make_teacher(first_name=typed.removeprefix("ال"), last_name="")

    assert found(typed) == []


# What a letter may be typed as; each stands for itself, too.
ALSO = {"ا": "أإآٱ", "و": "ؤ", "ي": "ىیئ", "ه": "ةہھ", "ك": "کڪ", "٥": "5۵"}


@settings(deadline=None, max_examples=25)
@given(data=st.data(), name=st.text(st.sampled_from("اويهكسمدلن٥"), min_size=3, max_size=12))
def test_name_is_folded_to_the_same_however_each_letter_is_typed(data: st.DataObject, name: str) -> None:
    def respelled() -> str:
        letters = [data.draw(st.sampled_from([letter, *ALSO.get(letter, "")])) for letter in name]
        return "".join(letter + data.draw(st.sampled_from(["", "\u064e", "\u0651", "ـ"])) for letter in letters)

    assert folded(respelled()) == folded(respelled())


def test_words_are_found_in_any_order() -> None:
    teacher = make_teacher(first_name="عبد الرحمن", last_name="الزهراني")

    for typed in ("الزهرانى عبدالرحمن", "زهراني رحمن عبد"):
        assert [row["id"] for row in found(typed)] == [str(teacher.pk)]


def found(typed: str) -> list[dict[str, Any]]:
    answer: dict[str, list[dict[str, Any]]] = ApiClient().get("/api/bookings/teachers", q=typed).json()
    return answer["teachers"]
