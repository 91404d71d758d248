"""A small S3 on 127.0.0.1: objects in memory, put if absent, list, ranges, multipart; for tests only."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen
from xml.sax.saxutils import escape


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the client to acknowledge the headers before it
    server: ObjectServer

    def do_PUT(self) -> None:
        body, query = self._body(), self._query()
        with self.server.guard:
            if "uploadId" in query:
                self.server.parts[(query["uploadId"], int(query["partNumber"]))] = body
            elif self.headers.get("If-None-Match") == "*" and self._key() in self.server.objects:
                self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
                return
            else:
                self.server.objects[self._key()] = body
        self._answer(200, b"", {"ETag": _tag(body)})

    def do_POST(self) -> None:
        body, query = self._body(), self._query()
        with self.server.guard:
            if "delete" in query:
                keys = [node.text or "" for node in ET.fromstring(body).iter() if node.tag.endswith("Key")]  # noqa: S314 - our own client's
                for key in keys:
                    self.server.objects.pop(f"{self._bucket()}/{key}", None)
                gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
                self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())
            elif "uploads" in query:
                upload = str(len(self.server.parts))
                self._answer(200, f"<R><UploadId>{upload}</UploadId></R>".encode())
            else:
                names = sorted(name for name in self.server.parts if name[0] == query["uploadId"])
                whole = b"".join(self.server.parts.pop(name) for name in names)
                self.server.objects[self._key()] = whole
                self._answer(200, f"<R><ETag>{escape(_tag(whole))}</ETag></R>".encode())

    def do_DELETE(self) -> None:
        with self.server.guard:
            self.server.objects.pop(self._key(), None)
        self._answer(204, b"")

    def do_HEAD(self) -> None:
        self._read(send_body=False)

    def do_GET(self) -> None:
        if "list-type" in self._query():
            self._list()
        else:
            self._read(send_body=True)

    def _read(self, *, send_body: bool) -> None:
        content = self.server.objects.get(self._key())
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>" if send_body else b"")
            return
        headers = {"ETag": _tag(content), "Last-Modified": "Mon, 05 Jan 2026 00:00:00 GMT"}
        span = self.headers.get("Range", "")
        if not span:
            self._answer(200, content, headers, send_body=send_body)
            return
        first, _, last = span.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(len(content), int(last) + 1) if first and last else len(content)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        self._answer(206, content[start:end], headers, send_body=send_body)

    def _list(self) -> None:
        query = self._query()
        start, after = f"{self._bucket()}/{query.get('prefix', '')}", query.get("start-after", "")
        delimiter = query.get("delimiter", "")
        found, folders = [], set()
        with self.server.guard:
            for name, content in sorted(self.server.objects.items()):
                key = name.split("/", 1)[1]
                if not name.startswith(start) or key <= after:
                    continue
                rest = name.removeprefix(start)
                if delimiter and delimiter in rest:
                    folders.add(query.get("prefix", "") + rest.split(delimiter)[0] + delimiter)
                    continue
                found.append(
                    f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>{escape(_tag(content))}</ETag>"
                    "<LastModified>2026-01-05T00:00:00.000Z</LastModified></Contents>"
                )
        common = "".join(f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in sorted(folders))
        self._answer(200, f"<ListBucketResult>{''.join(found)}{common}</ListBucketResult>".encode())

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _bucket(self) -> str:
        return self._key().split("/", 1)[0]

    def _query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, send_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so in http.server
        """Say nothing."""


class ObjectServer(ThreadingHTTPServer):
    """The objects by bucket and key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.guard = threading.RLock()


@dataclass(frozen=True)
class ObjectStore:
    """A running server.

    Attributes:
        url: Its address.
    """

    url: str

    @property
    def settings(self) -> dict[str, str]:
        """The environment under which ``s3://`` addresses lead here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "local",
        }

    def keys(self, bucket: str) -> list[str]:
        """The keys of all objects of a bucket."""
        with urlopen(f"{self.url}/{bucket}?list-type=2", timeout=30) as answer:  # noqa: S310 - http, made here
            listed = ET.fromstring(answer.read())  # noqa: S314 - our own server's
        return [node.text or "" for node in listed.iter("Key")]


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A server for the block, in a process of its own: deltalake waits for it while it holds Python's lock."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield ObjectStore(process.stdout.readline().strip())
        finally:
            process.kill()


if __name__ == "__main__":
    serving = ObjectServer()
    print(f"http://127.0.0.1:{serving.server_port}", flush=True)  # noqa: T201 - read by the process that started it
    serving.serve_forever()
