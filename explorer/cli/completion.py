"""``completion``: prints a script for the shell, and answers its questions."""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from explorer.cli.completion_types import FILE
from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.cli.output import write

# Each script calls the program by the name that the user typed, with the words so far in the environment. The program
# prints a type and a value for each completion. The type "file" asks the shell to complete the value as a path.

_BASH = r"""
_layer_explorer_completion() {
    local line=${COMP_LINE:0:COMP_POINT} type value path files=
    local cur=${line##*[[:space:]]} breaks=${COMP_WORDBREAKS//[^:=@]/} before=
    # Readline replaces only what follows the last of these.
    if [[ -n $breaks && $cur == *[$breaks]* ]]; then
        before=${cur%"${cur##*[$breaks]}"}
    fi
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain)
                printf -v value %q "$value"
                COMPREPLY+=("${value#"$before"}")
                ;;
            file|dir) files=$type ;;
        esac
    done < <(COMP_LINE=$line _LAYER_EXPLORER_COMPLETE=bash_complete "$1" 2>/dev/null)
    if [[ -n $files && ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o default
    elif [[ -n $files ]]; then
        while IFS= read -r path; do
            [[ -z $cur && $path == .* ]] && continue
            [[ -d $path ]] && path+=/
            printf -v path %q "$path"
            COMPREPLY+=("${path#"$before"}")
        done < <(compgen -f -- "$cur")
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace
    fi
}
complete -o nosort -F _layer_explorer_completion layer-explorer lx 2>/dev/null ||
    complete -F _layer_explorer_completion layer-explorer lx
"""

_ZSH = r"""#compdef layer-explorer lx

_layer_explorer_completion() {
    local -a response plain described open
    local type key description files=
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) \
        _LAYER_EXPLORER_COMPLETE=zsh_complete ${~words[1]} 2>/dev/null)}")
    for type key description in ${response}; do
        if [[ $type != plain ]]; then
            files=1
        elif [[ $key == */ ]]; then
            open+=("$key")
        elif [[ $description == _ ]]; then
            plain+=("$key")
        else
            described+=("$key:$description")
        fi
    done
    (( $#described )) && _describe -V commands described -U
    (( $#plain )) && compadd -U -V images -a plain
    (( $#open )) && compadd -U -S '' -V schemes -a open
    if [[ -n $files ]]; then
        compset -P '-*='
        _path_files -f
    fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _layer_explorer_completion "$@"
else
    compdef _layer_explorer_completion layer-explorer lx
fi
"""

_FISH = r"""
function _layer_explorer_completion
    set -l program (commandline -opc)[1]
    set -l response (env _LAYER_EXPLORER_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) \
        COMP_CWORD=(commandline -t) $program 2>/dev/null)
    for completion in $response
        set -l parts (string split -m 1 , -- $completion)
        if test $parts[1] = plain
            printf '%s\n' $parts[2]
        else
            __fish_complete_path $parts[2]
        end
    end
end

for name in layer-explorer lx
    complete --no-files --command $name --arguments "(_layer_explorer_completion)"
end
"""


class _Complete(ShellComplete):
    """Completes ``--option=value`` as one word, for both names of the program."""

    def source(self) -> str:
        return self.source_template.lstrip("\n")

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        if equals and name.startswith("-"):
            for item in items:
                if item.type != FILE:
                    item.value = f"{name}={item.value}"
        return items


@add_completion_class
class Bash(_Complete, BashComplete):
    """Bash, which ends words at colons, while the name of an image contains them."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() or len(words) < 2 else words.pop()
        return words[1:], incomplete


@add_completion_class
class Zsh(_Complete, ZshComplete):
    """Zsh."""

    source_template = _ZSH


@add_completion_class
class Fish(_Complete, FishComplete):
    """Fish."""

    source_template = _FISH


_SHELLS: dict[str, Any] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@click.command(
    cls=CommandWithSections,
    short_help="Print the shell completion script.",
    sections=(
        Examples(
            ('eval "$(lx completion bash)"', "In ~/.bashrc; bash 4.4 or newer."),
            ('eval "$(lx completion zsh)"', "In ~/.zshrc, after compinit."),
            (
                "lx completion fish > ~/.config/fish/completions/lx.fish",
                "Once. To complete layer-explorer too, write layer-explorer.fish as well.",
            ),
        ),
    ),
)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the script with which a shell completes layer-explorer and lx.

    IMAGE completes to the images of the Docker Engine (or of Podman if no Docker Engine answers), to paths and to
    commands. An engine that does not answer within a second is skipped. Nothing is pulled.
    """
    write(_SHELLS[shell].source_template.lstrip("\n"), None)
