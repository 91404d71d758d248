"""The least that FastAPI can answer, served as ``gapfinder serve`` is: what HTTP reads are held against.

python -m benchmarks.speed.hello
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

from api.command import SERVER, listen

app = FastAPI()


@app.get("/")
async def hello() -> dict[str, str]:
    """A greeting."""
    return {"message": "hello"}


def main() -> None:
    """Serve on a free port of this machine, and tell its address as ``gapfinder serve`` does."""
    with listen("127.0.0.1", 0) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", file=sys.stderr, flush=True)
        uvicorn.Server(uvicorn.Config(app, **SERVER)).run(sockets=[listener])


if __name__ == "__main__":
    main()
