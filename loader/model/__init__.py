"""What things are: records, batches, outcomes, verdicts, promises, summaries.

Plain frozen values and pure functions, shared by all rooms. This room imports nothing
of ours but the errors, knows no file, no socket and no clock, so that everything it
says can be tested by calling it.

    record    a line of the source, as it will be sent
    batch     up to 100 records that travel together, and the span of lines they cover
    verdict   what one answer of the portal means for a batch
    outcome   what became of one record
    load      what a load belongs to, and which promise it can keep
    frontier  how far the source has settled without a gap
    summary   the counts, while a load runs and when it has ended
    settings  everything a user can set
"""
