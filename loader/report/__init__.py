"""What happened, for people and for programs.

Everything here is a projection of the ledger or of the live counts: it can be made
again, is written to a temporary name and renamed, and is never the truth. Text that
came from a source or a portal is shown to people with its control characters escaped.

A report is one value (``facts``) with three forms (``page``, ``markdown``, JSON): the
running load keeps its ``history``, from which ``series`` makes steps and ``plots``
drawings; ``groups`` tells reasons apart, and ``masking`` takes out of the portal's
words what they quote of a record; ``words`` has the sentences that all forms share.

Decision: a template that escapes by itself (Jinja) and plots without a script (pygal),
because the page goes to strangers by mail: it must be safe to open and need nothing
from anywhere. Instead of a page with a chart library inside, which runs half a megabyte
of script that a mail gateway may not let pass.
"""
