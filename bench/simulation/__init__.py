"""The real loader in a world drawn from a seed, on a virtual clock.

::

    plan ──draws──> lines, style, weather, lives
                                │
    run: for each life   Session._run_bound (the product's), later Undoing.run
                           │        │         │        │
                        source    wire      disk     clock
                        (bytes)     │     (writer,  (virtual)
                                  door     SQLite)
                                    │
                                  world  <── invariants, after each life and at the end

Real are the session, the pipeline with courier, limiter, health and stop, the journal,
recovery, projection and schema on a real SQLite, the codec, the verdicts and the
sorting of exceptions, the line reader and decoder. Simulated are the edges: the network
below ``Client._exchange``, the thread of the writer, the bytes of the file, time and
chance. The loader's functions are looked up when they are called, so that a mistake can
be put in from outside by replacing one.

A schedule is a pure function of its seed and of the code: no clock of the machine, no
thread, no order that depends on an address or on the hash seed. It has several lives of
one load. Each but the last may be killed, lose power, be interrupted, or meet a disk
that fails, at a numbered point; its requests meet faults; requests whose sender is gone
are applied when they like. The last life is calm: it must end, and then the portal's
truth is compared with the source and the ledger.

The life of a load may go on after its runs (``after``, ``afterlife``), by processes
like these. People say what became of records in doubt (``resolving``); they make good
what was rejected (``mending``), which is run again in several copies (``correcting``).
What was created is read back (``verifying``), or taken back (``undoing``), while people
edit, archive and delete calls (``people``). That is checked against the truth, too.

Decisions

* *The truth about a line is what it was drawn as, and a call is known by its title*;
  instead of by its trace ID, for a wrong ID would hide a second call.
* *I4 and I5 are checked at the world's door*, as a request leaves, by an account of
  doubt that the door keeps from what was really answered; instead of from the story
  afterwards, which would have to trust the loader about what it knew.
* *A crash unwinds at once as a* ``SystemExit``; instead of cancelling the tasks, which
  would let the loader clean up. They are cancelled later, cut off from the world.
* *The database is in memory, and a killed process leaves its connection*; what is lost
  with the power is decided by what the connection says of ``synchronous``.
* *The portal does not lie about one record alone twice*: a refusal that names a good
  record again and again, or a permanent "too large", is a verdict, and is no fault.
"""

from .report import Report
from .run import simulate

__all__ = ["Report", "simulate"]
