from __future__ import annotations

from tests.docs.data_page import PAGE, rewritten


def test_the_page_says_what_the_code_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == rewritten(page), "run: .venv/bin/python -m tests.docs.data_page"
