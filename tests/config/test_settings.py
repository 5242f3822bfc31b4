"""The configuration file, and the state that the screen keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from explorer.config.settings import DefaultBinding, Settings, SettingsSchema, parse_settings, read_settings
from explorer.config.state import UiState, load, save
from explorer.config.written_settings import to_toml
from explorer.errors import UsageError
from explorer.tui.bindings import key_name, keymap, settings_schema, written_key

TREE, LIST, BOTH = frozenset({"tree"}), frozenset({"list"}), frozenset({"tree", "list"})
WORDS = SettingsSchema(
    {
        "app.sort": DefaultBinding(("s",), "Sort", BOTH),
        "app.compare": DefaultBinding(("m",), "Compare", BOTH),
        "app.stop": DefaultBinding(("m", "escape"), "Stop", BOTH),
        "tree.open": DefaultBinding(("right", "l"), "Open", TREE),
        "list.fold": DefaultBinding(("f",), "Fold", LIST),
    },
    ["dark", "light"],
    ["ctrl+q"],
    key_name,
)


def settings(text: str) -> Settings:
    return parse_settings(text, "c.toml", WORDS)


def complaint(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        settings(text)
    assert caught.value.exit_code == 2
    return caught.value.message


def test_an_empty_file_says_nothing() -> None:
    """An empty file has the default settings."""
    assert settings("") == Settings()


def test_every_option() -> None:
    """Each option of [screen] becomes a setting."""
    text = '[screen]\ntheme = "light"\nsort = "name"\npane = "waste"\n'
    text += "changes_only = true\nempty_steps = false\nleft_percent = 30\ntop_percent = 40"
    assert settings(text) == Settings("light", "name", "waste", True, False, 30, 40)


@pytest.mark.parametrize("text", ['[keys]\n"tree.open" = "o, ctrl+o"', '[keys.tree]\nopen = "o,ctrl+o"'])
def test_keys(text: str) -> None:
    """A binding gets one or more keys, and its ID can have quotes or not."""
    assert settings(text).keys == {"tree.open": ("o", "ctrl+o")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[screen", "c.toml is not TOML: "),
        ("a = [\n1,\n!]", "(at line 3, column 1)"),
        ("\n[colours]\n", "c.toml, line 2: there is no [colours]; the tables are [screen], [disposable] and [keys]"),
        ("screen = 1", "c.toml, line 1: screen must be a table: [screen], with its keys below"),
        ("[screen]\n\nwidth = 1", "c.toml, line 3: [screen] has no width; it has theme, sort, pane, "),
        ('[screen]\nsort = "big"', 'c.toml, line 2: sort takes "size", "name" or "change", not "big"'),
        ("[screen]\nsort = 1", "line 2: sort takes"),
        ('[screen]\ntheme = "x"', 'theme takes "dark" or "light", not "x"'),
        ("[screen]\nchanges_only = 1", "changes_only takes true or false, not 1"),
        ("[screen]\nleft_percent = true", "left_percent takes a whole number from 15 to 85, not true"),
        ("[screen]\nleft_percent = 86", "not 86"),
        ("[screen]\nleft_percent = 14", "not 14"),
        ("[screen]\nleft_percent = 45.5", "not 45.5"),
        ('[keys]\n"tree.shut" = "x"', "line 2: [keys] has no tree.shut; `layer-explorer config` prints"),
        ('[keys]\n"tree.open" = 1', "line 2: tree.open takes a key such as"),
        ('[keys]\n"tree.open" = ""', "tree.open takes a key such as"),
        ('[keys]\n"tree.open" = "x,,y"', 'there is no key ""'),
        ('[keys]\n"tree.open" = "contrl+x"', 'there is no key "contrl+x"'),
        ('[keys]\n"tree.open" = "ctrl+q"', 'tree.open cannot have "ctrl+q": that key cannot be changed'),
        ('[keys]\n"tree.open" = "s"', 'line 2: "s" is bound twice, to tree.open and to app.sort'),
        ('[keys]\n"tree.open" = "x"\n"app.sort" = "x"', '"x" is bound twice'),
        ('[screen]\nsort = "\\u001b[31m"', "\\\\x1b[31m"),
        ('[keys]\n"\\u001b[31m" = "x"', "has no \\x1b[31m"),
        (f"a = {'[' * 5000}", "nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(text: str, words: str) -> None:
    """An error names the file, the line if it is known, the key and its values, and is printable."""
    message = complaint(text)
    assert words.replace("\\\\", "\\") in message
    assert message.isprintable()


def test_a_key_may_be_used_again_elsewhere() -> None:
    """Bindings in different places can have the same key, and so can bindings that share one by default."""
    assert settings('[keys]\n"tree.open" = "f"').keys == {"tree.open": ("f",)}
    assert settings('[keys]\n"app.compare" = "b"\n"app.stop" = "b"').keys
    assert settings('[keys]\n"app.sort" = "m"\n"app.compare" = "s"\n"app.stop" = "escape"').keys


def test_keys_can_change_places() -> None:
    """A key is free if its binding gets another one."""
    assert settings('[keys]\n"app.sort" = "l"\n"tree.open" = "s"').keys


def test_who_shares_a_key_keeps_it() -> None:
    """Textual's keymap also has the bindings that share a key with a changed binding, and no others."""
    assert keymap({"app.compare": ("x",)}, WORDS.bindings) == {"app.compare": "x", "app.stop": "m,escape"}
    assert keymap({"app.sort": ("s",)}, WORDS.bindings) == {}


def test_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file is an error only if the user names it; an unreadable file is one; a byte order mark is not."""
    path = tmp_path / "config.toml"
    assert read_settings(path, WORDS) == Settings()
    monkeypatch.setenv("LAYER_EXPLORER_CONFIG", str(path))
    with pytest.raises(UsageError, match="there is no file"):
        read_settings(path, WORDS)
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings(tmp_path, WORDS)
    path.write_bytes(b'\xef\xbb\xbf[screen]\nsort = "name"\n')
    assert read_settings(path, WORDS) == Settings(sort="name")
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_settings(path, WORDS)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(UsageError, match="too large"):
        read_settings(path, WORDS)


def test_what_is_printed_can_be_pasted() -> None:
    """Printed settings have the same meaning when they are parsed again, also with the bindings of the real screen."""
    real = settings_schema()
    keys = {"explore.sort": ("f6",), "files.open-all": ("f7", "ä")}
    own = Settings("nord", "name", "waste", True, False, 30, 40, keys, ("/usr/share/doc", "*.pyc"))
    found = parse_settings(to_toml(own, real, "layers"), "c.toml", real)
    assert (found.theme, found.sort, found.pane, found.changes_only, found.left_percent) == (
        "nord",
        "name",
        "waste",
        True,
        30,
    )
    assert keymap(found.keys, real.bindings) == keymap(own.keys, real.bindings)
    assert found.wanted_paths == own.wanted_paths
    text = to_toml(Settings(), real, "layers")
    assert '"split.less" = "<" ' in text
    assert '"layers.0" = "0" ' in text
    assert '"layers.1"' not in text
    changed = Settings(keys={"layers.7": ("f7",)})
    assert '"layers.7" = "f7"' in to_toml(changed, real, "layers")
    assert tomllib.loads(text)["screen"]["theme"] == "layers"
    assert keymap(parse_settings(text, "c.toml", real).keys, real.bindings) == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("s", "s"),
        ("S", "S"),
        ("?", "question_mark"),
        ("<", "less_than_sign"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("f5", "f5"),
        ("ctrl+f", "ctrl+f"),
        ("question_mark", "question_mark"),
        ("ä", "ä"),
        ("space", "space"),
        ("ctrl+", None),
        ("nokey", None),
        ("hyperspace+x", None),
        ("", None),
        ("<any>", None),
        ("\x1b", None),
    ],
)
def test_names_of_keys(written: str, name: str | None) -> None:
    """A key is known by its character or by its name; other words are not keys."""
    assert key_name(written) == name
    if name is not None:
        assert key_name(written_key(name)) == name


# What is remembered


def test_remembered(tmp_path: Path) -> None:
    """A saved state is loaded again, and no other file remains."""
    path = tmp_path / "deep" / "screen.json"
    for found in (UiState("nord", 40, 60), UiState(None, None)):
        save(path, found)
        assert load(path) == found
    assert [each.name for each in path.parent.iterdir()] == ["screen.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"theme": 1, "left_percent": true}', '{"left_percent": 99, "top_percent": 9}', "[" * 9000]
)
def test_what_makes_no_sense_is_forgotten(tmp_path: Path, text: str) -> None:
    """A damaged file is an empty state."""
    path = tmp_path / "screen.json"
    path.write_text(text)
    assert load(path) == UiState()


def test_what_is_remembered_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe or a directory instead of the file is an empty state."""
    os.mkfifo(tmp_path / "pipe")
    assert load(tmp_path / "pipe") == load(tmp_path) == load(tmp_path / "none") == UiState()


def test_what_cannot_be_kept_is_nobodys_trouble(tmp_path: Path) -> None:
    """A path that cannot be written is ignored."""
    (tmp_path / "file").touch()
    save(tmp_path / "file" / "screen.json", UiState("nord"))
    assert load(tmp_path / "file" / "screen.json") == UiState()


# The command line


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "explorer", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **more},
        check=False,
    )


@pytest.mark.end_to_end
def test_config_prints_what_holds(tmp_path: Path) -> None:
    """``config`` prints the file's path, the settings in force and every binding."""
    path = tmp_path / "config.toml"
    path.write_text('[screen]\npane = "waste"\n[keys]\n"explore.sort" = "f6"\n')
    done = run("config", LAYER_EXPLORER_CONFIG=str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"# {path}\n")
    found = tomllib.loads(done.stdout)
    assert found["screen"]["pane"] == "waste"
    assert found["keys"]["explore.sort"] == "f6"
    assert found["keys"]["list.up"] == "up,k"


@pytest.mark.end_to_end
def test_a_wrong_file_ends_with_2_before_anything_starts(tmp_path: Path) -> None:
    """With an invalid file neither the screen nor the server starts, and one line says why."""
    path = tmp_path / "config.toml"
    path.write_text('[keys]\n"explore.sort" = "e"\n')
    web = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    for arguments, more in (("demo",), web), (("--serve", "demo"), {}), (("config",), {}):
        done = run(*arguments, LAYER_EXPLORER_CONFIG=str(path), **more)
        assert done.returncode == 2
        assert done.stdout == ""
        assert 'line 2: "e" is bound twice, to explore.sort and to' in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_state_is_json(tmp_path: Path) -> None:
    """The state is readable text."""
    save(tmp_path / "s.json", UiState("nord", 40, 60))
    assert json.loads((tmp_path / "s.json").read_text()) == {
        "theme": "nord",
        "left_percent": 40,
        "top_percent": 60,
    }


@pytest.mark.parametrize(
    "text",
    [
        "[keys]\n" + "a." * 2_000 + "a=1",
        "[screen]\nleft_percent=" + "9" * 5_000,
        '[keys]\n"s"="""\n[' + " " * 4_000 + '"""\nx=1',
    ],
)
def test_extreme_files(text: str) -> None:
    """Keys of thousands of parts, numbers of thousands of digits and very long lines are errors like all others."""
    with pytest.raises(UsageError):
        settings(text)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A configuration file that is not a regular file is an error and is not read."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="it is a named pipe, expected a file"):
        read_settings(tmp_path / "pipe", WORDS)


@pytest.mark.parametrize("percent", [15, 85])
def test_extreme_shares(percent: int) -> None:
    """The narrowest and the widest share of the layers are valid."""
    assert settings(f"[screen]\nleft_percent = {percent}").left_percent == percent
