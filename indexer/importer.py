"""What other packages call: import files, segment a store anew, make a store's dictionary."""

from __future__ import annotations

from indexer.importing.importer import import_files
from indexer.importing.reindexing import ReindexReport, reindex
from indexer.importing.report import FileReport, ImportReport, Progress, Quiet
from indexer.importing.vocabulary import check_stamp, store_dictionary

__all__ = [
    "FileReport",
    "ImportReport",
    "Progress",
    "Quiet",
    "ReindexReport",
    "check_stamp",
    "import_files",
    "reindex",
    "store_dictionary",
]
