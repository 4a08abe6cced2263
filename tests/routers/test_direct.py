"""An endpoint that takes the request alone is called without FastAPI's solving; another one as ever."""

from __future__ import annotations

import httpx
from fastapi import APIRouter, FastAPI, Request, Response

from app.routers.direct import DirectRoute


def direct_app() -> FastAPI:
    router = APIRouter(route_class=DirectRoute)

    @router.get("/alone", response_class=Response)
    async def alone(request: Request) -> Response:
        return Response(request.url.path)

    @router.get("/named/{number}", response_class=Response)
    async def named(request: Request, number: int) -> Response:
        return Response(f"{request.url.path} {number + 1}")

    app = FastAPI()
    app.include_router(router)
    return app


async def test_whatever_an_endpoint_takes_it_is_given() -> None:
    transport = httpx.ASGITransport(direct_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        assert (await client.get("/alone")).text == "/alone"
        assert (await client.get("/named/7")).text == "/named/7 8"
        assert (await client.get("/named/seven")).status_code == 422
        assert (await client.post("/alone")).status_code == 405


def test_both_are_described() -> None:
    assert set(direct_app().openapi()["paths"]) == {"/alone", "/named/{number}"}
