"""Arguments in, exit status out: one small module per command.

The commands parse, call ``assembly``, and print; they decide nothing about loads.
Results go to standard output, progress and messages to standard error. Modules that
bring in the network are imported inside the commands, so that ``--help`` is quick.
"""

from .main import main

__all__ = ["main"]
