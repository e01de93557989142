"""``completion``: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from .output import give_lines

#: the console script, since a shell completes for ``python`` what is Python's
PROGRAM = "call-loader"
#: by which a shell asks the program itself
VARIABLE = "_CALL_LOADER_COMPLETE"


@click.command(
    epilog='Example: eval "$(python -m loader completion bash)"  (in ~/.bashrc)'
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script that completes call-loader in SHELL.

    \b
    One line in the shell's own file:
      bash, ~/.bashrc:                    eval "$(call-loader completion bash)"
      zsh, ~/.zshrc:                      eval "$(call-loader completion zsh)"
      fish, ~/.config/fish/config.fish:   call-loader completion fish | source
    """  # noqa: D301 - \b is click's mark for lines to leave as they are
    shown = get_completion_class(shell)
    root = context.find_root().command
    if shown is None:
        raise click.BadParameter(f"click knows no completion for {shell}")
    script = shown(root, {}, PROGRAM, VARIABLE)
    give_lines([script.source_template % script.source_vars()])
    return 0
