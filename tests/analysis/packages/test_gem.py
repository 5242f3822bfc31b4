from __future__ import annotations

from collections.abc import Mapping

import pytest

from explorer.analysis.packages import database_limits
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from explorer.analysis.packages.gem import FORMAT

BUNDLE = "usr/local/bundle"
RAKE = b"""\
# -*- encoding: utf-8 -*-
# stub: rake 13.0.6 ruby lib

Gem::Specification.new do |s|
  s.name = "rake".freeze
  s.version = "13.0.6"
  s.description = "No \\"s.name = 'x'\\" here".freeze
  s.files = ["exe/rake".freeze, "lib/rake.rb".freeze]
  s.rubygems_version = "3.3.7".freeze
  s.add_runtime_dependency("x", version = "1")
end
"""


def installed(files: Mapping[str, bytes]) -> list[Found]:
    """Returns the gems that files state."""
    return list(FORMAT.join({path: FORMAT.parse(path, content) for path, content in files.items()}))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{BUNDLE}/specifications/rake-13.0.6.gemspec", True),
        ("specifications/rake-13.0.6.gemspec", True),
        ("usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec", True),
        (f"{BUNDLE}/extensions/x86_64-linux/3.1.0/nokogiri-1.15.0/gem.build_complete", True),
        (f"{BUNDLE}/gems/rake-13.0.6/rake.gemspec", False),
        (f"{BUNDLE}/specifications/rake-13.0.6/rake.gemspec", False),
        (f"{BUNDLE}/gems/nokogiri-1.15.0/gem.build_complete", False),
    ],
)
def test_installed_gems_are_in_specifications(path: str, expected: bool) -> None:
    """The specification that a gem brings in its own directory does not count."""
    assert FORMAT.matches(path) is expected


def test_a_gem_owns_its_directories() -> None:
    """A gem owns its files, its documentation, and the archive that it came from."""
    path = f"{BUNDLE}/specifications/rake-13.0.6.gemspec"
    (gem,) = installed({path: RAKE})
    assert (gem.name, gem.version) == ("rake", "13.0.6")
    assert gem.paths == (
        path,
        f"{BUNDLE}/gems/rake-13.0.6/",
        f"{BUNDLE}/doc/rake-13.0.6/",
        f"{BUNDLE}/cache/rake-13.0.6.gem",
        f"{BUNDLE}/build_info/rake-13.0.6.info",
    )


def test_a_gem_with_compiled_files_owns_these() -> None:
    """The directory of compiled files belongs to the gem of the same home and full name."""
    compiled = f"{BUNDLE}/extensions/x86_64-linux/3.1.0/rake-13.0.6/"
    (gem,) = installed(
        {
            f"{compiled}gem.build_complete": b"",
            "home/app/extensions/x86_64-linux/3.1.0/rake-13.0.6/gem.build_complete": b"",
            f"{BUNDLE}/specifications/rake-13.0.6.gemspec": RAKE,
        }
    )
    assert gem.paths[-1] == compiled
    assert installed({f"{compiled}gem.build_complete": b""}) == []


def test_a_gem_for_a_platform_has_it_in_its_directory() -> None:
    """The full name of a gem is that of the file, with the platform."""
    (gem,) = installed({"specifications/rake-13.0.6-x86_64-linux.gemspec": RAKE})
    assert gem.paths[1] == "gems/rake-13.0.6-x86_64-linux/"


def test_a_gem_that_comes_with_ruby_owns_files_of_its_library() -> None:
    """The files of a default gem are beside the directory of gems."""
    (gem,) = installed({"usr/lib/ruby/gems/3.1.0/specifications/default/rake-13.0.6.gemspec": RAKE})
    assert gem.paths[-2:] == ("usr/lib/ruby/3.1.0/exe/rake", "usr/lib/ruby/3.1.0/rake.rb")
    (gem,) = installed({"opt/specifications/default/rake-13.0.6.gemspec": RAKE})
    assert gem.paths[-1] == "opt/build_info/rake-13.0.6.info"


def test_specifications_are_never_run() -> None:
    """Only names and versions that are written as texts count."""
    for content in (
        b'Gem::Specification.new { |s| s.name = `touch /tmp/x`; s.version = "1" }',
        b'  s.name = NAME\n  s.version = "1"\n',
        b"  s.name = 'x'\n  s.version = File.read('VERSION')\n",
        b"",
    ):
        with pytest.raises(DatabaseDamaged, match="name and version"):
            FORMAT.parse("specifications/x-1.gemspec", content)


def test_hostile_specifications_are_damage() -> None:
    """Long specifications are refused, and long lines take no time."""
    with pytest.raises(DatabaseDamaged, match="expected at most"):
        FORMAT.parse("specifications/x-1.gemspec", bytes(5_000_000))
    for line in (
        b"s.name = " + b'"' * 2_000_000,
        b"s.name" * 300_000,
        b"s.files = [" * 100_000,
        b".name = \n" * 200_000,
    ):
        with pytest.raises(DatabaseDamaged, match="name and version"):
            FORMAT.parse("specifications/x-1.gemspec", line)


def test_too_many_files_of_a_default_gem_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is longer than that of any gem is refused."""
    monkeypatch.setattr(database_limits, "MAX_PATHS", 10)
    files = b's.name = "a"\ns.version = "1"\ns.files = [' + b'"x",' * 11 + b"]"
    with pytest.raises(DatabaseDamaged, match="files"):
        FORMAT.parse("usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec", files)


def test_many_lists_of_files_take_no_time() -> None:
    """A list ends with its line, so that a hostile one is read in one go."""
    files = b's.name = "a"\ns.version = "1"\n' + b"s.files = [\n" * 300_000
    (gem,) = FORMAT.parse("usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec", files)
    assert len(gem.paths) == 5


def test_files_outside_of_the_image_are_left_out() -> None:
    """A list of files can name no path outside of the image."""
    files = b's.name = "a"\ns.version = "1"\ns.files = ["../../../../../x", "lib/y"]'
    (gem,) = FORMAT.parse("usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec", files)
    assert gem.paths[5:] == ("usr/lib/ruby/3.1.0/y",)
