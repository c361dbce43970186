"""What is found in a thread when Slack hides the names of files, over a real connection."""

from typing import Any

from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.runs import Address
from bot.slack.channel import SlackChannel

OURS = {"bot_id": "B0WAP", "ts": "2.0"}
MESSAGES: list[dict[str, Any]] = [
    {**OURS, "text": "Example rows: 5,\n one line a cell.", "files": [{"id": "F1", "mode": "hidden_by_limit"}]},
    {**OURS, "text": "How `orders.amount` is spread", "files": [{"id": "F2", "file_access": "check_file_info"}]},
    {**OURS, "text": "words", "files": [{"id": "F3", "name": "quiet-otter-1-columns.png"}]},
    {**OURS, "text": "no file", "metadata": {"event_type": "wap_thread", "event_payload": {"mark": "part-1-table-a"}}},
    {"user": "U0MINA0001", "ts": "3.0", "text": "a person's", "files": [{"id": "F4", "name": "mine.csv"}]},
]


async def test_hidden_file_is_known_by_the_words_above_it() -> None:
    """Its name where Slack tells it, else the words; what people share is none of ours."""

    async def replies(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "messages": MESSAGES})

    app = web.Application()
    app.router.add_get("/api/conversations.replies", replies)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with ClientSession() as session:
            client = AsyncWebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{port}/api/", session=session)
            found = await SlackChannel(client, session, "C0RELEASES").posted(Address("C0RELEASES", "1.0"))
    finally:
        await runner.cleanup()
    assert found == {
        "Example rows: 5, one line a cell.",
        "How `orders.amount` is spread",
        "quiet-otter-1-columns.png",
        "part-1-table-a",
    }
