"""The application as another ASGI server's command line runs it; takes `serve --host HOST --port PORT` like ours."""

from __future__ import annotations

import sys

import uvicorn

if __name__ == "__main__":
    _, _, _, host, _, port = sys.argv
    uvicorn.run("app.main:create", factory=True, host=host, port=int(port))
