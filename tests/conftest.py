"""What all tests share: the clock's zone, the profiles of hypothesis, the choice of stores, no secret skips."""

from __future__ import annotations

import os
import time
from collections.abc import Generator

import hypothesis
import pytest

os.environ["TZ"] = "UTC"
time.tzset()
for _name in [name for name in os.environ if name.startswith("GAPFINDER_") and not name.startswith("GAPFINDER_TEST_")]:
    del os.environ[_name]  # a test must not meet the developer's own store or settings

pytest_plugins = ["tests.servers.fixtures"]

IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
STORES = ("memory", "delta", "elasticsearch")
ALLOWED_SKIPS = ("shared/data",)  # what lies outside the project and may be absent; nothing else may be skipped in CI

hypothesis.settings.register_profile("dev", deadline=None, max_examples=25)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("ci" if IN_CI else "dev")


def _store_names(text: str) -> tuple[str, ...]:
    """The stores named in ``--stores``."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in STORES]
    if unknown or not names:
        raise pytest.UsageError(f"--stores takes some of {','.join(STORES)}, not {text!r}")
    return names


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stores",
        type=_store_names,
        default=STORES,
        metavar="NAMES",
        help=f"run the contract of stores on these only (default: {','.join(STORES)})",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one process, which then makes the file's fixtures once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))


def _hides_something(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether this is a skip that CI does not allow."""
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return False
    return not any(allowed in str(report.longrepr) for allowed in ALLOWED_SKIPS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``CI=true`` a skipped test is a failed test."""
    report = yield
    if _hides_something(report):
        report.outcome = "failed"
        report.longrepr = f"CI=true allows no skips: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Likewise for a module that skips itself as a whole."""
    report = yield
    if _hides_something(report):
        report.outcome = "failed"
        report.longrepr = f"CI=true allows no skips: {report.longrepr}"
    return report
