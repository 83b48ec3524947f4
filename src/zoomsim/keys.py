"""Under which keys the parts of the program are found in the aiohttp application."""

from aiohttp import web

from zoomsim.simulation import Simulation

SIMULATION = web.AppKey("SIMULATION", Simulation)
