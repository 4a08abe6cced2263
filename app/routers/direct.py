"""Doors that take nothing but the request."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import signature
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class DirectRoute(APIRoute):
    """Hands the request to an endpoint that takes it alone: for such a one FastAPI has nothing to solve or to write."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`. An endpoint that takes more, such as an id of the path, is called by FastAPI as ever."""
        takes = list(signature(self.endpoint).parameters)
        return self.endpoint if takes == ["request"] else super().get_route_handler()
