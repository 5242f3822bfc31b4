from __future__ import annotations

import pytest

from explorer.analysis.packages.database_limits import MAX_PACKAGES, MAX_PATHS, check_package_count, check_path_count
from explorer.analysis.packages.formats import DatabaseDamaged


def test_too_many_packages_are_damage() -> None:
    """A database with more packages than any system is refused."""
    check_package_count(MAX_PACKAGES)
    with pytest.raises(DatabaseDamaged, match="100,000"):
        check_package_count(MAX_PACKAGES + 1)


def test_too_many_paths_are_damage() -> None:
    """A list that is longer than that of any package is refused."""
    check_path_count(MAX_PATHS)
    with pytest.raises(DatabaseDamaged, match="1,000,000"):
        check_path_count(MAX_PATHS + 1)
    with pytest.raises(DatabaseDamaged, match="100,000,000 characters"):
        check_path_count(1, 100_000_001)
