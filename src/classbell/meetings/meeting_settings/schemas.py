"""What the API of Zoom meetings' settings takes and answers."""

from typing import Any

from pydantic import ConfigDict

from classbell.wire import Input, JsonObject, Output


class MeetingSettingsPatch(Input):
    """Settings to change, by Zoom's names; null leaves one to be inherited again, what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    settings: JsonObject


class MeetingSettingsOut(Output):
    """`settings` are what is asked for here, `effective_settings` what holds with what is inherited."""

    settings: dict[str, Any]
    effective_settings: dict[str, Any]
