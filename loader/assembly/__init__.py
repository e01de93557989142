"""The one place where real parts meet: settings to parts to run.

::

    load.py          the coroutine: settings, folder, lock, ledger, session
    session.py       one run of a load, from the portal to the summary
    hours.py         its pace with the barrier: quiet hours, the day's share, its end
    monitoring.py    the page and the metrics of a run
    halting.py       why a run must end, in words
    parts.py         source, courier and counts of a run
    opening.py       the ledger: there, sound, and the one that belongs here
    beginning.py     when a load began: older calls are not its own
    binding.py       what a ledger belongs to, and its seal
    rebuild.py       a new ledger for a lost one
    portal.py        the portal, and preflight
    preparing.py     the unique property that prepare makes
    folder.py        where a load's files are
    corrections.py   loads of corrected rejects, which belong to a first load
    family.py        such a load and its first: found, locked, and the copy taken
    guard.py         what a correction may send
    overlay.py       the results of a first load, as its corrections have them
    renew.py         a load's result files after somebody else changed its standing
    resolve.py       a person's word about records in doubt
    verify.py        created records read back: sheaf by sheaf (comparing, reading)
    certify.py       the certificate of a verification
    undo.py          created records taken back (proposing, archiving)
    opened.py        a load that has ended, opened to be verified or undone
    walk.py          its created records, in order, several sheaves at a time
    asking.py        one endpoint asked about many calls, paced and repeated
    verification.py  whether what was loaded is still what it was
    beside.py        the pipeline, with watch and verification beside it
    watch.py         status.json, the tally, the observers, once a second
    count.py         the counts, from ledger and source
    conclude.py      the end: counts, result files, status
    check.py         a check of a source, before the run
    survey.py        what a check asks the portal
    inspect.py       status and results of a load, from outside
    dossier.py       all that a report says of a load
"""
