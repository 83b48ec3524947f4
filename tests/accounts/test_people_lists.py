"""Lists of people, as the programs of schools write them and as people paste them."""

import pytest

from classbell.accounts.models import Role
from classbell.accounts.people_lists import PeopleList, read_people
from classbell.tables.limits import TableUnreadable


def names(listed: PeopleList) -> list[tuple[str, str, str]]:
    """Return who was understood."""
    return [(one.email, one.first_name, one.last_name) for one in listed.people]


def bad(listed: PeopleList) -> list[tuple[int, str]]:
    """Return what was not, and why."""
    return [(row.line, row.reason) for row in listed.bad]


ANA = [("ana@x.example", "Ana", "Silva")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Student,ID,SIS User ID,SIS Login ID,Section", '"Silva, Ana",17,s17,ana@x.example,A'),
        ("user_id,login_id,first_name,last_name,email,status", "17,asilva,Ana,Silva,ana@x.example,active"),
        ("First name,Last name,ID number,Institution,Department,Email address", "Ana,Silva,17,,,ana@x.example"),
        ("First name,Surname,Email address", "Ana,Silva,ana@x.example"),
        ("username,firstname,lastname,email,suspended", "asilva,Ana,Silva,ana@x.example,0"),
        ("Last Name,First Name,Email Address", "Silva,Ana,ana@x.example"),
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Status [READ ONLY]",
            "Ana,Silva,ana@x.example,Active",
        ),
        (
            "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
            "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
            "17,active,2026-01-01,true,o1,student,asilva,,Ana,Silva,,,ana@x.example,,,,7,",
        ),
        ("userPrincipalName,displayName,surname,mail,givenName,id,userType", "ana@x.example,A S,Silva,,Ana,7,Member"),
        (
            "Name,First Join,Last Leave,In-Meeting Duration,Email,Participant ID (UPN),Role",
            "Ana Silva,1,2,3,ana@x.example,ana@x.example,Attendee",
        ),
        ("Nome,Apelido,E-mail", "Ana,Silva,ana@x.example"),
        ("Email", "Ana Silva <ana@x.example>"),
        ("Nome completo;Endereço de e-mail", "Ana Silva;ana@x.example"),
        ("الاسم الأول,اسم العائلة,البريد الإلكتروني", "Ana,Silva,ana@x.example"),
        ("الإسم\tالإيميل", "Ana Silva\tana@x.example"),
        ("الاسم الأول,الاسم الأخير,عنوان البريد الإلكتروني", "Ana,Silva,ana@x.example"),
        ("N.º;Nome completo;E-mail institucional;Turma", "1;Ana Silva;ana@x.example;5A"),
        ("Nome;E-mail da mãe;E-mail institucional", "Ana Silva;mae@x.example;ana@x.example"),
        ("Given name,Family name,Where to write", "Ana,Silva,ana@x.example"),
        ("Name,Email,Role,Status", "Ana Silva,ana@x.example,-,Active"),
    ],
    ids=[
        *("Canvas grades", "Canvas users", "Moodle participants", "older Moodle", "Moodle upload", "Google Classroom"),
        *(
            "Google Workspace",
            "OneRoster",
            "Entra",
            "Teams",
            "Portuguese",
            "names with addresses",
            "Moodle in Portuguese",
            "Arabic",
            "Arabic 2",
            "Moodle in Arabic",
            "another name of the address",
            "a parent's address",
            "an address by its cells",
            "no role",
        ),
    ],
)
def test_lists_of_other_programs_are_understood_as_they_are(header: str, row: str) -> None:
    listed = read_people(f"{header}\n{row}\n")

    assert (names(listed), listed.bad) == (ANA, [])


def test_one_roster_tells_who_is_no_longer_counted_and_who_teaches() -> None:
    listed = read_people(
        "sourcedId,status,enabledUser,role,givenName,familyName,email\n"
        "1,active,true,student,Ana,Silva,ana@x.example\n"
        "2,tobedeleted,true,student,Bo,S,bo@x.example\n"
        "3,active,false,student,Cy,S,cy@x.example\n"
        "4,active,true,teacher,Di,S,di@x.example\n"
        "5,active,true,parent,Ed,S,ed@x.example\n"
        "6,active,true,relative,Flo,S,flo@x.example\n"
    )

    assert [(one.email, one.roles) for one in listed.people] == [
        ("ana@x.example", [Role.STUDENT]),
        ("di@x.example", [Role.TEACHER]),
        ("ed@x.example", [Role.GUARDIAN]),
    ]
    assert bad(listed) == [
        (3, "Its status is “tobedeleted”."),
        (4, "The account is switched off where the list comes from."),
        (7, "The role “relative” is not known here."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ana Silva\tana@x.example",
        "ana@x.example\tAna Silva",
        "17\tAna\tSilva\tANA@X.example",
        "17\tAna\tSilva\tANA@X.example\t5A",
        "Ana;Silva;ana@x.example",
        "Ana Silva <ana@x.example>",
        "Silva, Ana <ana@x.example>;",
        '"Silva, Ana" <ana@x.example>',
    ],
)
def test_lists_without_names_of_columns_are_understood_by_their_cells(text: str) -> None:
    assert names(read_people(text)) == ANA


@pytest.mark.parametrize(
    ("header", "role"),
    [("Name,Email,Role", "Organizer"), ("Nome;E-mail;Perfis", "Professor"), ("Nome;E-mail;Papéis", "Docente")],
)
def test_who_leads_elsewhere_is_no_student(header: str, role: str) -> None:
    sign = ";" if ";" in header else ","

    listed = read_people(f"{header}\n{sign.join(('Ana', 'ana@x.example', role))}\n")

    assert [one.roles for one in listed.people] == [[Role.TEACHER]]


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("teacher; student", [Role.TEACHER, Role.STUDENT]),
        ("Student/Teacher", [Role.TEACHER, Role.STUDENT]),
        ("معلم، طالب", [Role.TEACHER, Role.STUDENT]),
        ("admin + aluno", [Role.ADMIN, Role.STUDENT]),
        ("teacher; admin; student", [Role.ADMIN, Role.STUDENT]),
        # Everybody is a user or a member there: that does not say that they learn.
        ("Owner; Member", [Role.TEACHER]),
        ("user/student", [Role.STUDENT]),
    ],
)
def test_several_roles_in_one_cell(cell: str, roles: list[Role]) -> None:
    listed = read_people(f'Name,Email,Role\nAna,ana@x.example,"{cell}"\n')

    assert [one.roles for one in listed.people] == [roles]


@pytest.mark.parametrize(
    "header", ["م\tاسم الطالب\tبريد ولي الأمر\tملاحظات", "No\tStudent name\tMother's contact\tNotes"]
)
def test_column_of_addresses_may_be_called_anything_beside_one_of_names(header: str) -> None:
    listed = read_people(f"{header}\n1\tAna Silva\tana@x.example\tlate @ times\n2\tBo\t\till\n3\t\t\t\n")

    assert names(listed) == ANA
    assert listed.header == header
    assert bad(listed) == [(3, "There is no e-mail address in it."), (4, "There is no e-mail address in it.")]


def test_word_for_a_column_in_somebodys_line_names_no_columns() -> None:
    listed = read_people("ana@x.example\tAna Silva\t7\nbo@x.example\tstudent\t8\n")

    assert [one.email for one in listed.people] == ["ana@x.example", "bo@x.example"]


@pytest.mark.parametrize("status", ["Not current", "Concluded", "Transferred", "Desistente", "منقول"])
def test_who_has_left_where_the_list_comes_from_is_not_counted(status: str) -> None:
    listed = read_people(f"name,email,status\nAna,ana@x.example,{status}\nBo,bo@x.example,Active\n")

    assert names(listed) == [("bo@x.example", "Bo", "")]
    assert [row.is_left_out for row in listed.bad] == [True]


@pytest.mark.parametrize("text", ["name,email", "name,email\n\n", ",,,", "sep=;\n", "email\nemail\n"])
def test_list_of_nobody_is_refused(text: str) -> None:
    with pytest.raises(TableUnreadable, match="nobody in the list"):
        read_people(text)


def test_one_bad_line_does_not_refuse_the_others() -> None:
    listed = read_people("Ana Silva\tana@x.example\nBo\tbo-at-x\nCy\tcy@nowhere\n\nأحمد الحربي\tahmad@x.example\n")

    assert names(listed) == [*ANA, ("ahmad@x.example", "أحمد", "الحربي")]
    assert bad(listed) == [(2, "There is no e-mail address in it."), (3, "“cy@nowhere” is no e-mail address.")]


def test_address_that_comes_twice_is_told() -> None:
    listed = read_people("email,name\na@x.example,A B\nA@X.example,a b\na@x.example,C B\n")

    assert names(listed) == [("a@x.example", "A", "B")]
    assert bad(listed) == [
        (3, "The same e-mail stands in line 2 already."),
        (4, "A B has the same e-mail in line 2. Each person signs in with an address of their own."),
    ]


def test_name_beyond_what_is_kept_is_told() -> None:
    assert bad(read_people(f"email,first name\na@x.example,{'x' * 65}\n")) == [
        (2, "A name has more than 64 characters.")
    ]
