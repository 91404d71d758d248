"""Where the sample market lies: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import DataError


def samples_folder() -> Path:
    """The folder of the sample market."""
    package = Path(__file__).parent
    for folder in (package / "samples", package.parent / "data" / "samples"):
        if (folder / "truth.json").is_file():
            return folder
    raise DataError("the sample market is not installed", hint="reinstall gapfinder")


def sample_files(folder: Path) -> list[str]:
    """The files of the sample market that ``import`` takes, in order of their names."""
    passed = {"truth.json", "README.md", "generate.py"}
    endings = (".jsonl", ".csv", ".tsv", ".xlsx", ".parquet", ".gz", ".zst")
    return [
        str(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in passed and path.name.endswith(endings)
    ]
