"""What the columns of a timetable, of enrolments and of days without classes are called."""

from typing import Final

from classbell.accounts.people_columns import PEOPLE
from classbell.tables.reading import Names

# As we write them in examples.
TIMETABLE_COLUMNS: Final = ("section", "course", "teacher", "weekday", "start", "end", "capacity")
ENROLMENT_COLUMNS: Final = ("student", "section")

SECTION: Final = (
    *(
        "section",
        "section code",
        "section id",
        "class",
        "class code",
        "class sourced id",
        "crn",
        "group",
        "course section",
    ),
    *("turma", "turno", "código da turma", "الشعبة", "رمز الشعبة", "رقم الشعبة", "الصف", "المجموعة"),
)
TIMES: Final[Names] = {
    "section": SECTION,
    "course": (
        *(
            "course",
            "course name",
            "course title",
            "title",
            "subject",
            "disciplina",
            "unidade curricular",
            "uc",
            "cadeira",
        ),
        *("curso", "المقرر", "اسم المقرر", "المادة"),
    ),
    "teacher": (
        *("teacher", "teacher email", "instructor", "instructor email", "lecturer", "email", "docente"),
        *("professor", "email do docente", "المعلم", "المدرس", "الأستاذ", "بريد المعلم", "البريد"),
    ),
    "teacher_name": (
        *("teacher name", "instructor name", "lecturer name", "nome do docente", "nome do professor"),
        *("اسم المعلم", "اسم المدرس", "اسم الأستاذ"),
    ),
    "weekday": (
        "weekday",
        "weekdays",
        "day",
        "days",
        "day of week",
        "dia",
        "dias",
        "dia da semana",
        "اليوم",
        "الأيام",
        "يوم",
    ),
    "start": (
        "start",
        "start time",
        "begin",
        "begins",
        "from",
        "início",
        "hora de início",
        "من",
        "البداية",
        "وقت البداية",
    ),
    "end": ("end", "end time", "ends", "to", "until", "fim", "hora de fim", "إلى", "النهاية", "وقت النهاية"),
    "time": ("time", "times", "hours", "horário", "hora", "الوقت", "الساعة"),
    "capacity": ("capacity", "seats", "limit", "max enrollment", "capacidade", "vagas", "السعة", "المقاعد"),
    "weeks": ("weeks", "week", "week pattern", "semanas", "semana", "الأسابيع", "الأسبوع"),
    # Not "room": universities have one for each class, also for those that they hold at Zoom.
    "location": ("location", "held elsewhere", "held at", "local alternativo", "مكان الانعقاد", "تُعقد في"),
    "except": ("except", "except dates", "recess", "no class", "exceções", "pausa", "interrupção", "ماعدا", "العطل"),
}
PLACES: Final[Names] = {**PEOPLE, "student": ("student", "learner", *PEOPLE["email"]), "section": SECTION}
DAYS_OFF: Final[Names] = {
    "date": ("date", "day", "data", "dia", "التاريخ", "اليوم"),
    "name": ("name", "holiday", "title", "nome", "feriado", "الاسم", "المناسبة", "العطلة"),
}
