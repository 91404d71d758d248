"""The runner of the documents' commands sees what it should, and is not easily pleased."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.commands import Command, Reader, WrongPageError, check_shown, commands_of

PAGE = """
# A page

```json
{"not": "a command"}
```

```console
$ echo one \\
    two
one two
$ cat data.txt
...
the ... line
```

1. In a list:

   ```sh
   # a comment
   echo three

   echo four \\
     five
   ```

<!-- not run: it is an example of what not to do -->

```sh
exit 7
```

<!-- before: echo mine > own.txt -->
<!-- exit: 3 -->
```console
$ cat own.txt; exit 3
mine
```
"""


def no_server() -> str:
    raise AssertionError("no command of this page names a server")


def test_commands_are_found() -> None:
    assert commands_of(PAGE, "page.md") == [
        Command("echo one two", "page.md:9", ("one two",)),
        Command("cat data.txt", "page.md:12", ("...", "the ... line")),
        Command("echo three", "page.md:21"),
        Command("echo four five", "page.md:23"),
        Command("echo mine > own.txt", "page.md:35"),
        Command("cat own.txt; exit 3", "page.md:36", ("mine",), 3),
    ]


def test_commands_are_run_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("before\nthe longest line\nafter\n", encoding="utf-8")
    with Reader(tmp_path, no_server) as reader:
        printed = [reader.run(command) for command in commands_of(PAGE, "page.md")]
    assert printed[-1] == "mine\n"


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```sh\necho", "never closed"),
        ("<!-- not run: -->\n```sh\nmake\n```", "says nothing"),
        ("<!-- not run: too far away -->\ntext\n```sh\nmake\n```", "does not stand before a fence"),
        ("```console\nmake\n```", "begins with a command"),
        ("```sh\n# nothing\n```", "holds no command"),
    ],
)
def test_wrong_pages_are_refused(page: str, complaint: str) -> None:
    with pytest.raises(WrongPageError, match=complaint):
        commands_of(page, "page.md")


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (Command("false", "page.md:1"), "ended with 1, not 0"),
        (Command("false | true", "page.md:1"), "ended with 1, not 0"),
        (Command("true", "page.md:1", (), 2), "ended with 0, not 2"),
        (Command("echo is", "page.md:1", ("was",)), "does not print: was"),
        (Command("printf 'a\\nb\\n'", "page.md:1", ("b", "a")), "does not print: a"),
    ],
)
def test_broken_promises_are_noticed(tmp_path: Path, command: Command, complaint: str) -> None:
    with Reader(tmp_path, no_server) as reader, pytest.raises(WrongPageError, match=complaint):
        reader.run(command)


def test_shown_lines_may_leave_something_out() -> None:
    check_shown(
        Command("x", "p:1", ("took ... seconds", "…", "run … done")), "took 1.2 seconds\nnoise\nrun a1b2 done\n"
    )


def test_addresses_become_those_of_the_test_servers(tmp_path: Path) -> None:
    reader = Reader(tmp_path, lambda: "http://127.0.0.1:39200")
    assert reader.translated(".venv/bin/gapfinder gaps --store http://host:9200 --json") == (
        f"gapfinder gaps --store http://127.0.0.1:39200/{reader.prefix} --json"
    )
    assert reader.translated("gapfinder gaps --store http://es:9200/mine") == (
        "gapfinder gaps --store http://127.0.0.1:39200/mine"
    )
    assert reader.translated("curl http://127.0.0.1:8000/v1/health") == f"curl http://127.0.0.1:{reader.port}/v1/health"
