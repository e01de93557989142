"""Bytes to records, each with its line and span.

::

    files, streams ──bytes──> lines ──a line──> decode ──> CallRecord
                                                  │ └────> Malformed (reasons)
                                               identity

Decisions

* *A chunk of lines per thread hop*, not a line: a hop costs as much as parsing fifty
  lines.
* *Whatever goes out is encoded again from what was validated*; instead of sending the
  line's bytes, which is faster but sends duplicate keys nobody validated.
* *A source is named by its first line that is not blank*; instead of a digest of the
  whole, which would have to read a file twice and change when it grows. Content is
  checked span by span against the ledger.
"""
