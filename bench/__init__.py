"""The harness that proves what the README claims: ``python -m bench --help``.

::

    simulation/  the real pipeline on a virtual clock; a portal that owns the truth
    mutants/     protocol mistakes, switched on one by one, that it must see
    crash/       the real process killed, its disk full, its power cut
    pace/        use of the allowed rate, as the portal measures it
    throughput/  records/s and CPU a record, side by side with other clients
    growth/      memory, time to resume, and ledger, as loads grow
    portal/      the fast portal that these send to, in a process of its own
    peers/       what people use today: how fast, and what each leaves behind

Every command prints the machine, the command and its figures, as text and as JSON.
Nothing here is part of the distribution, and nothing here can be switched on in it: a
mistake or a fault is put in from outside, by replacing a part.
"""
