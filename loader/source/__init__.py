"""Bytes to records, each with its line and span.

::

    files, streams ──bytes──> lines ──a line──> decode ──────> CallRecord
       (pipe, writing)                 (sight)    │ ╲ shape
                                               draft, associations ──> Malformed
                                               identity    reasons

Decisions

* *A chunk of lines per thread hop*, not a line: a hop costs as much as parsing fifty
  lines. A source that falls quiet gives the lines that are there.
* *Whatever goes out is encoded again from what was validated*; instead of sending the
  line's bytes, which is faster but sends duplicate keys nobody validated.
* *A source is named by the first mebibyte of its first line that is not blank*; instead
  of a digest of the whole, which would have to read a file twice and change when it
  grows, and instead of that whole line, which a stream could not hold. Content is
  checked span by span against the ledger.
* *The line break that a growing file gives to its last line is a blank item of its
  own*; instead of a part of the line, whose span is settled and digested without it.
* *Fields without a place are left out and counted*; instead of rejecting exports that
  carry ``id`` or ``createdAt``. Unknown fields inside an association are rejected,
  since nobody can say what they would have meant.
* *One typed decoder, and a close look only at what it refuses*; instead of checks by
  hand on every line, which cost three times as much.
"""
