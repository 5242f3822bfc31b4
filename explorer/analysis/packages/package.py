"""A package of an image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package; all texts are printable."""

    kind: str
    """The type in package URLs: one of PACKAGE_KINDS."""
    name: str
    version: str
    architecture: str
    namespace: str
    place: str
    """Absolute path of the database file that states it."""
    installed_in: int
    """Number of the first layer whose database has it."""
    removed_in: int | None = None
    """Number of the first layer whose database no longer has it."""
    upgraded_from: str = ""
    """The version that it replaced; empty if the layer installed it newly."""
    upgraded_to: str = ""
    """The version that replaced it; empty if it was removed, or is still there."""
    distribution: str = ""
    """The distribution of the image with its version, of packages of the system: ``debian-12``; empty if unknown."""

    @property
    def group(self) -> str:
        """The part of the namespace that tools of the kind print before the name."""
        return self.namespace if self.kind in ("npm", "maven", "golang") else ""

    @property
    def full_name(self) -> str:
        """The name with its group, as tools of the kind print it."""
        return f"{self.group}{':' if self.kind == 'maven' else '/'}{self.name}" if self.group else self.name

    @property
    def name_and_version(self) -> str:
        """The full name, and the version if it is known."""
        return f"{self.full_name} {self.version}".rstrip()

    @property
    def purl(self) -> str:
        """The package URL."""
        from packageurl import PackageURL

        # The specification has the epoch of rpm apart, but that of dpkg in the version.
        epoch, _, version = self.version.rpartition(":") if self.kind == "rpm" else ("", "", self.version)
        if (self.kind, self.full_name) == ("golang", "stdlib"):
            version = version.removeprefix("go")
        named = {"arch": self.architecture, "distro": self.distribution, "epoch": epoch}
        qualifiers = {name: value for name, value in named.items() if value}
        try:
            return PackageURL(self.kind, self.namespace or None, self.name, version or None, qualifiers).to_string()
        except ValueError:
            # The name or the version cannot be in one.
            return ""
