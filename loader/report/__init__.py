"""What happened, for people and for programs.

Everything here is a projection of the ledger or of the live counts: it can be made
again, is written to a temporary name and renamed, and is never the truth. Text that
came from a source or a portal is shown to people with its control characters escaped.
"""
