"""The picture of a link."""

import re

from qrcode import QRCode

from classbell.web.kit.charts.qr import QUIET, code_of


def test_path_draws_the_squares_of_the_code_and_leaves_its_edge_quiet() -> None:
    link = "https://school.example/people/welcome/token"
    known = QRCode(error_correction=1, border=QUIET, mask_pattern=4)
    known.add_data(link)
    known.make()

    code = code_of(link)
    drawn = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", code.path)
        for step in range(int(length))
    }

    squares = known.get_matrix()
    assert code.width == len(squares)
    assert drawn == {(x, y) for y, row in enumerate(squares) for x, is_dark in enumerate(row) if is_dark}
    assert min(x for x, _y in drawn) == QUIET
