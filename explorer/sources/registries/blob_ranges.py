"""Parts of blobs in a registry, which are fetched alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.model import OnProgress
from explorer.sources.interruptible import run_interruptibly
from explorer.sources.registries.client import Repository
from explorer.sources.registries.retry import RetryBudget


@dataclass(frozen=True, slots=True)
class RemoteRanges:
    """A blob in a registry. Satisfies BlobRanges."""

    repository: Repository
    digest: str
    size: int
    name: str = field(compare=False)
    """The layer's name in errors: ``layer 3``."""

    def read(self, offset: int, size: int, on_progress: OnProgress) -> bytes:
        return run_interruptibly(
            lambda transfer: self.repository.blob_range(self.digest, offset, size, self.name, RetryBudget(transfer)),
            on_progress,
            self.repository.registry,
        )
