"""The loader beside what people use today, on the same records and the same portal.

::

    sides        who takes part, how each is installed, and how it is called
    adapters/    a script for each peer, as its own documentation shows
    portal       the sandbox as a process; ``bulk`` is its door in Elasticsearch's form
    weather      what befalls the load
    trial        one side, one weather; ``truth``: what it left behind
    command      rounds, sides in turn; ``tables``: how the figures are shown

Decisions

* *Every side is a process of its own*, and so is the portal. A side's time is from its
  start to its end, interpreter, imports and all. Without faults it is the fast one of
  ``bench.portal``, since the sandbox, which looks into every record, would be the
  slowest of all; with faults it is the sandbox, which keeps the truth.
* *Nobody gets help that its documentation does not show.* A setting that a careful user
  of a peer would still find is a side of its own, next to the one as documented.
* *Retries are on* wherever a peer has them, and what it remembers between two runs is
  kept. What remembers nothing is started again on the whole file: nobody can tell it
  where to begin.
* *What a tool says is taken at its end*, per line: there, not there, or nothing. A tool
  that says "failed" of a line that is there sends its user to load it again.
* *The key is in a plain property*, with which the portal shows what is there twice but
  refuses nothing. The loader has the property that its ``prepare`` makes. Whoever
  builds on ``batch/upsert`` or a unique property of one's own, around a peer, builds
  what no peer's documentation shows, and is not measured here.
* *A peer that cannot be installed has no figures*, and its row says why.
"""
