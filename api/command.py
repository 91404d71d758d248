"""``gapfinder serve``: the report and its data over HTTP."""

from __future__ import annotations

import gc
import ipaddress
import logging
import socket
import sys
from typing import Annotated, Any, Final

import typer

from gapfinder.cli.options import DEFAULT_STORE, StoreOption
from indexer.errors import UsageError

SERVER: Final[dict[str, Any]] = {  # how uvicorn serves
    "log_config": None,
    "access_log": False,  # the application writes its own
    "server_header": False,
    "proxy_headers": False,
    "limit_concurrency": 200,
    "timeout_keep_alive": 5,
    "timeout_graceful_shutdown": 10,
}


def serve(
    store: StoreOption = DEFAULT_STORE,
    host: Annotated[str, typer.Option(help="Address to listen on; others than loopback need API keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    keys: Annotated[
        str | None,
        typer.Option(
            envvar="GAPFINDER_API_KEYS",
            show_envvar=True,
            help="File of hashed API keys, one a line: name scope[,scope] sha256:hexdigits.",
        ),
    ] = None,
    allowed_host: Annotated[
        list[str] | None, typer.Option(help="Name this server answers for, beside loopback. Repeatable; * for any.")
    ] = None,
    new_key: Annotated[
        str | None, typer.Option(metavar="NAME", help="Make an API key (scope read), print it with its line, and stop.")
    ] = None,
) -> None:
    """Serve the newest report at / and its data under /v1.

    \b
    Examples:
      gapfinder serve
      gapfinder serve --port 8080
      gapfinder serve --new-key dashboard
      gapfinder serve --host 0.0.0.0 --keys keys.txt --allowed-host gaps.example.com
    """  # noqa: D301 - the backspace is typer's mark for lines that keep their breaks
    from api.keys import load_keys  # noqa: PLC0415 - keeps --help fast

    if new_key is not None:
        _print_key(new_key)
        return
    known = load_keys(keys)
    if not known and not is_loopback(host):
        raise UsageError(
            f"without API keys the server listens on loopback only, not on {host}",
            hint="make a key with gapfinder serve --new-key NAME and name its file by --keys",
        )
    _check(store)
    with listen(host, port) as listener:
        _run(store, known, host, listener, allowed_host or [])


def _check(store: str) -> None:
    """``StoreError`` when an embedded store is not there: it won't come by waiting, as a server that is down may."""
    if not store.lower().startswith(("http://", "https://")):
        from indexer.stores import open_store  # noqa: PLC0415 - likewise

        open_store(store).close()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound before anything else is done, so that a taken port is told at once.

    Raises:
        UsageError: The port is taken, or the address is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Naming TCP is what makes asyncio send small answers at once; else each waits for the client's delayed receipt.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"can't listen on {host}, port {port}: {error.strerror or error}",
            hint=f"choose another port, for example --port {port + 1 if 0 < port < 65535 else 8001}",  # noqa: PLR2004 - last port
        ) from error
    return listener


def _run(store: str, known: object, host: str, listener: socket.socket, allowed: list[str]) -> None:
    import uvicorn  # noqa: PLC0415 - likewise

    from api.app import create_app  # noqa: PLC0415 - likewise
    from api.keys import ApiKey  # noqa: PLC0415 - likewise
    from api.middleware import LOOPBACK  # noqa: PLC0415 - likewise

    assert isinstance(known, tuple)
    keys: tuple[ApiKey, ...] = known
    app = create_app(store, keys=keys, hosts=[*LOOPBACK, host, *allowed])
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; looking through it for garbage would make requests wait
    name = f"[{host}]" if ":" in host else host
    typer.echo(f"http://{name}:{listener.getsockname()[1]}/  (stop: Ctrl+C)", err=True)
    uvicorn.Server(uvicorn.Config(app, **SERVER)).run(sockets=[listener])


def _print_key(name: str) -> None:
    from api.keys import new_key  # noqa: PLC0415 - likewise

    key, line = new_key(name, ("read",))
    typer.echo(f"key:  {key}\nline: {line}")
    typer.echo("Keep the key; put the line into the file that --keys names. Only its hash is needed there.", err=True)
