"""What grows with a load, and what must not: memory, time to resume, ledger.

::

    loads    sizes, kinds of IDs, room on the disk; one load of one size
    memory   peak memory of the loader at each size
    resume   one long load, killed in passing; time until it sends again
    ledger   bytes a record at each size

Decisions

* *A real file on a real disk*: its size is what a load of that many records has, so the
  free space is looked at first. ``memory --pipe`` needs none: the lines come through
  standard input, which the loader reads by other code.
* *One load is killed three times*, each time where it has really come to, instead of
  ledgers made by hand: what is resumed is what an interrupted load leaves.
* *Kinds of IDs are told apart*: a derived ID costs the ledger nothing; one from a key,
  or the line's own, must be kept, so that it is noticed when it comes again.
"""
