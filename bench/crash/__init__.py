"""Crashes of the real process: killed, its disk full or broken, its power cut.

::

    victim      the loader as a process of its own, with something put into it
    failpoints  the places between which it can be killed
    trial       one load against a portal of this process, and what must be true after;
                beginnings: new loads, and ones that an earlier death left half done
    tracing     strace: signals and errors at system calls, and the log of them
    kill        SIGKILL at every failpoint and at every call on the load's files
    disk        ENOSPC and EIO from every k-th such call on
    damage      a ledger truncated, flipped, rolled back, and the load run again
    powercut    a load recorded, and the disks that a power cut could have left of it:
                recording (the log) -> replay (marks) -> filesystem (policies) -> images

Each trial ends the same way: the plain command line resumes the load, and then the
portal has each good line exactly once, the results name them, and a further run sends
nothing.

Decisions

* *The tracer injects what the kernel would do*, so that SQLite's own calls are struck
  too; instead of a file system of our own, which the standard library's SQLite cannot
  be given.
* *Calls are counted by thread* (the tracer's way), so a load is swept from its start
  and from a resumption: what one thread hides in the one shows in the other.
* *A power cut is computed from a log*, not caused: a hundred states a second, each one
  that the rules of POSIX allow; a real device shows a few, and rarely the worst.
"""
