"""A whole name, parted into the first and the last."""

import pytest

from classbell.names import split_name


@pytest.mark.parametrize(
    ("whole", "first", "last"),
    [
        ("Doe, Jane", "Jane", "Doe"),
        ("الحربي، أحمد", "أحمد", "الحربي"),
        ("أحمد الحربي", "أحمد", "الحربي"),
        ("أحمد عبد الله", "أحمد", "عبد الله"),
        ("عبد الله الحربي", "عبد الله", "الحربي"),
        ("عبد الله", "عبد الله", ""),
        ("محمد بن سلمان", "محمد", "بن سلمان"),
        ("Amina Haddad", "Amina", "Haddad"),
        ("Mary Jane Watson", "Mary Jane", "Watson"),
        ("Cher", "Cher", ""),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("van Gogh, Vincent", "Vincent", "van Gogh"),
        ("Martin Luther King Jr.", "Martin Luther", "King Jr."),
        ("King, Martin Luther, Jr.", "Martin Luther", "King Jr."),
        ("King Jr., Martin", "Martin", "King Jr."),
        ("Jane Doe, PhD", "Jane", "Doe PhD"),
        ("Doe，Jane", "Jane", "Doe"),
        ("Jane Doe (née Smith)", "Jane", "Doe (née Smith)"),
        ("Ali ibn Abi Talib", "Ali", "ibn Abi Talib"),
        ("علي بن أبي طالب", "علي", "بن أبي طالب"),
        ("João dos Santos e Silva", "João", "dos Santos e Silva"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ("Doe,", "Doe", ""),
        ("  Jane \n Doe ", "Jane", "Doe"),
        ("", "", ""),
        (",", "", ""),
    ],
)
def test_name_is_parted(whole: str, first: str, last: str) -> None:
    assert split_name(whole) == (first, last)
