"""chat.unfurl: the preview that an app attaches to a link somebody else shared."""

from dataclasses import replace

from sandbox.block_kit.payloads import message_attachments
from sandbox.errors import Refusal
from sandbox.events import links_in
from sandbox.messages import Message
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json
from sandbox.world import World


async def unfurl(world: World, arguments: Arguments) -> Json:
    """Attach a preview per link, found by channel and ts, or by unfurl_id and source.

    Raises Refusal `missing_unfurls`, `cannot_find_message`, `cannot_unfurl_url` (not in the message, or of a domain
    that is not registered).
    """
    message = _message(world, arguments)
    unfurls = arguments.structure("unfurls", error="cannot_parse_attachment")
    if not isinstance(unfurls, dict) or not unfurls:
        raise Refusal("missing_unfurls")
    known = {link["url"] for link in links_in(message.text) if link["domain"] in world.settings.unfurl_domains}
    if not known >= set(unfurls):
        raise Refusal("cannot_unfurl_url")
    previews = [preview | {"from_url": url, "app_unfurl_url": url} for url, preview in unfurls.items()]
    attachments = message_attachments(previews, world.identifiers)
    kept = tuple(a for a in message.attachments if a.get("from_url") not in unfurls)
    world.messages.put(replace(message, attachments=(*kept, *attachments)))
    world.changes.touch()
    return {}


def _message(world: World, arguments: Arguments) -> Message:
    channel, ts = arguments.text("channel"), arguments.text("ts")
    unfurl_id = arguments.text("unfurl_id")
    if unfurl_id:
        channel, _, ts = unfurl_id.partition("-")
    message = world.messages.find(channel or "", ts)
    if message is None:
        raise Refusal("cannot_find_message")
    return message
