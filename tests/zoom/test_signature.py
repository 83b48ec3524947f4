from datetime import UTC, datetime, timedelta

import jwt
import pytest
from jwt.types import Options

from classbell.zoom.signature import CLOCK_SKEW, sdk_signature
from tests.zoom.payloads import payload

VECTOR = payload("test_vectors")["sdk_signature"]
ISSUED_AT = datetime.fromtimestamp(VECTOR["claims"]["iat"], UTC)


def sign(**changes):
    arguments = {
        "sdk_key": VECTOR["client_id"],
        "sdk_secret": VECTOR["client_secret"],
        "meeting_number": "85240173966",
        "role": 0,
        "now": ISSUED_AT + CLOCK_SKEW,
    }
    return sdk_signature(**arguments | changes)


def claims_of(signature):
    options: Options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(signature, VECTOR["client_secret"], algorithms=["HS256"], options=options)


def test_signature_is_that_of_zooms_vector():
    vector = claims_of(VECTOR["jwt"])

    # The vector also says which video mode the browser should try; both spellings of the key are accepted.
    assert claims_of(sign()) | {"video_webrtc_mode": 1} == vector | {"sdkKey": vector["appKey"]}
    assert jwt.get_unverified_header(sign()) == VECTOR["header"]


def test_host_signs_in_with_role_one():
    assert claims_of(sign(role=1))["role"] == 1


def test_signature_is_dated_back_for_clocks_that_disagree():
    assert claims_of(sign(now=ISSUED_AT))["iat"] == VECTOR["claims"]["iat"] - 30


@pytest.mark.parametrize("lifetime", [timedelta(minutes=30), timedelta(hours=48)])
def test_lifetime_at_zooms_bounds_is_accepted(lifetime):
    claims = claims_of(sign(lifetime=lifetime))

    assert claims["exp"] - claims["iat"] == lifetime.total_seconds()
    assert claims["tokenExp"] == claims["exp"]


@pytest.mark.parametrize("lifetime", [timedelta(minutes=29), timedelta(hours=49)])
def test_lifetime_outside_zooms_bounds_is_refused(lifetime):
    with pytest.raises(ValueError, match="48 hours"):
        sign(lifetime=lifetime)


@pytest.mark.parametrize("number", ["", "852 4017 3966", "85240173966?role=1", "٨٥٢٤٠١٧٣٩٦٦"])
def test_meeting_number_has_only_digits(number):
    with pytest.raises(ValueError, match="digits"):
        sign(meeting_number=number)
