"""The least that aiohttp can answer with: `python -m bench.hello_aiohttp PORT`."""

import sys

from aiohttp import web


async def hello(request: web.Request) -> web.Response:
    """Say hello."""
    return web.json_response({"hello": "world"})


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/hello", hello)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
