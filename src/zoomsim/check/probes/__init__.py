"""
The questions, and the answers that whoever builds on this simulator counts on: one line of the check each.

In paths and bodies `{name}` stands for what an earlier answer gave. Every meeting is of the check's own; nobody is mailed.
"""

from zoomsim.check.probes.meetings import CHANGING, CREATING, ENDING, READING, SERIES
from zoomsim.check.probes.people import SIGNING_IN, USERS
from zoomsim.check.probes.probe import Probe
from zoomsim.check.probes.registrants import AFTERWARDS, REGISTERING

PROBES = SIGNING_IN + USERS + CREATING + READING + CHANGING + SERIES + REGISTERING + AFTERWARDS + ENDING

__all__ = ["PROBES", "Probe"]
