"""How a Web API method says no: Slack's error code, with details where Slack gives them."""

from typing import Any


class Refusal(Exception):
    """A Web API answer of `ok: false`.

    `code` is Slack's documented error name; `messages` are the sentences that Slack puts into
    `response_metadata.messages` (with JSON pointers); `fields` are further top-level fields of the answer.
    """

    def __init__(
        self,
        code: str,
        messages: tuple[str, ...] = (),
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.status = status
        self.headers = headers or {}
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The JSON answer, shaped as Slack's."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return answer
