"""Is there a Prefect server to talk to? Asked before a run is started, so that the answer is one sentence."""

from http import HTTPStatus

import httpx


def prefect_problem() -> str:
    """One sentence if Prefect cannot be used from here, else an empty text."""
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    url = settings.api.url
    if not url:
        return (
            "Not started. No Prefect server is configured. Set PREFECT_API_URL, "
            "for example to http://127.0.0.1:4200/api, and start one with `prefect server start`."
        )
    try:
        response = httpx.get(f"{url}/health", timeout=5)
    except httpx.HTTPError as error:
        return (
            f"Not started. Prefect at {url} cannot be reached ({type(error).__name__}). "
            "Start it with `prefect server start`, or correct PREFECT_API_URL."
        )
    if response.status_code != HTTPStatus.OK:
        return (
            f"Not started. Prefect at {url} answered {response.status_code} to a health check. Correct PREFECT_API_URL."
        )
    return ""
