"""Uploaded files: an upload URL that works once, bytes, and the message that shows them."""

import mimetypes
from dataclasses import dataclass, replace
from typing import Any

from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers
from sandbox.workspace import BOT_USER


@dataclass(frozen=True, slots=True)
class File:
    """One file; `content` is None until the bytes arrive, `shared` once it was completed."""

    id: str
    name: str
    title: str
    length: int
    upload_secret: str
    alt_text: str = ""
    content: bytes | None = None
    shared: bool = False

    @property
    def mimetype(self) -> str:
        """Guessed from the name, as Slack does."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def body(self, base_url: str) -> dict[str, Any]:
        """The file object of answers and messages; `url_private` points into the page."""
        address = f"{base_url}/page/files/{self.id}"
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "size": self.length,
            "user": BOT_USER,
            "mode": "hosted",
            "alt_txt": self.alt_text,
            "url_private": address,
            "url_private_download": address,
            "permalink": address,
        }


class Files:
    """All files of the workspace."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._files: dict[str, File] = {}

    def announce(self, name: str, length: int, *, alt_text: str) -> File:
        """Reserve an id and an upload URL for a file of `length` bytes."""
        file = File(self._identifiers.new("F"), name, name, length, self._identifiers.secret(), alt_text=alt_text)
        self._files[file.id] = file
        return file

    def receive(self, secret: str, content: bytes) -> File:
        """Take the bytes once. Raises Refusal (HTTP 404 or 400) for a used URL or another length."""
        for file in self._files.values():
            if file.upload_secret == secret and file.content is None:
                if len(content) != file.length:
                    raise Refusal("file_size_mismatch", status=400)
                self._files[file.id] = replace(file, content=content)
                return self._files[file.id]
        raise Refusal("upload_url_unknown_or_used", status=404)

    def complete(self, file_id: str, title: str | None) -> File:
        """Mark an uploaded file as shared. Raises Refusal `file_not_found` when its bytes never came."""
        file = self._files.get(file_id)
        if file is None or file.content is None or file.shared:
            raise Refusal("file_not_found")
        self._files[file_id] = replace(file, shared=True, title=title or file.name)
        return self._files[file_id]

    def content(self, file_id: str) -> tuple[bytes, str] | None:
        """Bytes and media type of a shared file, or None."""
        file = self._files.get(file_id)
        if file is None or file.content is None or not file.shared:
            return None
        return file.content, file.mimetype
