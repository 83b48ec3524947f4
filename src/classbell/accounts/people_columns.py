"""How other programs and people name the columns of their lists of people, and what stands in them."""

import re
from collections.abc import Mapping
from typing import Final

from classbell.accounts.models import Role
from classbell.tables.reading import Names, folded

PEOPLE: Final[Names] = {
    "email": (
        *(
            "email",
            "mail",
            "emailaddress",
            "email1value",
            "emailaddresses",
            "primaryemail",
            "useremail",
            "studentemail",
        ),
        *("emaildoaluno", "correioeletronico", "correioelectronico", "enderecodeemail", "enderecodecorreioeletronico"),
        *("البريدالالكتروني", "البريد", "الايميل", "ايميل", "بريد", "عنوانالبريدالالكتروني", "بريدالطالب"),
        *("userprincipalname", "participantidupn", "upn", "sisloginid", "loginid", "username", "login"),
    ),
    "first_name": (
        *("firstname", "givenname", "forename", "preferredfirstname", "studentfirstname"),
        *("primeironome", "nomeproprio", "الاسمالاول", "الاسمالشخصي"),
    ),
    "middle_name": ("middlename", "nomedomeio", "اسمالاب", "الاسمالاوسط"),
    "last_name": (
        *("lastname", "surname", "familyname", "studentlastname"),
        *("الاسمالاخير", "الاسمالعائلي", "اسمالاسره"),
        *("apelido", "apelidos", "sobrenome", "ultimonome", "اسمالعائله", "العائله", "اللقب", "الكنيه"),
    ),
    "name": (
        *("fullname", "displayname", "name", "studentname", "student", "sortablename", "learner", "member"),
        *("nome", "nomecompleto", "aluno", "nomedoaluno", "estudante"),
        *(
            "الاسم",
            "الاسمالكامل",
            "الاسمالثلاثي",
            "الاسمالرباعي",
            "اسمالطالب",
            "اسمالطالبه",
            "الطالب",
            "الطالبه",
            "اسم",
        ),
    ),
    "role": (
        *(
            "role",
            "roles",
            "role1",
            "usertype",
            "type",
            "enrollmentrole",
            "funcao",
            "funcoes",
            "papel",
            "papeis",
            "perfil",
            "perfis",
        ),
        *("الدور", "الصفه", "دور"),
    ),
    "status": ("status", "estado", "situacao", "accountstatus", "enrollmentstatus", "الحاله", "حاله"),
    "enabled": ("enabled", "enableduser", "accountenabled", "active", "isactive", "ativo"),
    "closed": ("suspended", "deleted", "disabled", "archived", "blockcredential", "signinblocked"),
}
_STUDENTS: Final = frozenset(
    {
        *("student", "students", "learner", "member", "attendee", "pupil", "user", "guest", "studentenrollment"),
        *("aluno", "aluna", "alunos", "estudante", "formando", "طالب", "طالبه", "تلميذ", "تلميذه"),
    }
)
# What many programs call everybody: of who teaches it does not say that they learn too.
ANYBODY: Final = frozenset({"user", "guest", "member", "attendee"})
_TEACHERS: Final = frozenset(
    {
        *("teacher", "instructor", "teacherenrollment", "editingteacher", "faculty", "owner", "presenter", "organizer"),
        *("coorganizer", "proctor", "teachingassistant", "lecturer"),
        *("professor", "professora", "docente", "formador", "معلم", "معلمه", "مدرس", "مدرسه", "استاذ"),
    }
)
_GUARDIANS: Final = frozenset(
    {
        *("guardian", "parent", "observer", "observerenrollment", "encarregado", "encarregadodeeducacao"),
        *("ولي الأمر", "ولي أمر", "ولية أمر", "والد", "والدة"),
    }
)
_ADMINS: Final = frozenset({"admin", "administrator", "siteadmin", "مدير", "مشرف"})
OUT: Final = frozenset(
    {
        *("tobedeleted", "deleted", "suspended", "inactive", "disabled", "archived", "withdrawn", "dropped"),
        *("completed", "concluded", "notcurrent", "rejected", "blocked", "transferred", "graduated", "left", "expired"),
        *("inativo", "inativa", "suspenso", "suspensa", "anulado", "anulada", "cancelado", "cancelada", "desistente"),
        *("transferido", "transferida", "موقوف", "موقوفه", "منسحب", "منسحبه", "محذوف", "محذوفه", "منقول", "منقوله"),
        *("غيرنشط", "متخرج", "متخرجه"),
    }
)
NO: Final = frozenset({"false", "0", "no", "n", "nao", "لا"})
YES: Final = frozenset({"true", "1", "yes", "y", "sim", "نعم"})
ROLES: Final[Mapping[Role, frozenset[str]]] = {
    Role.ADMIN: frozenset(map(folded, _ADMINS)),
    Role.TEACHER: frozenset(map(folded, _TEACHERS)),
    Role.STUDENT: frozenset(map(folded, _STUDENTS)),
    Role.GUARDIAN: frozenset(map(folded, _GUARDIANS)),
}
# Of the titles of columns, as `folded`.
OF_PARENTS: Final = re.compile(
    "parent|guardian|mother|father|contact|encarregado|responsavel|(?:da)?mae|pai$|ولي|والد|الاب$|الام$"
)
