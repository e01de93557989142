"""Teeth: hand-made mistakes in the protocol, and the proof that each is noticed.

::

    switch      what a mistake is, how it gets in and out
    board       all of them, by name
      sending, doubting     rules 1 to 3: arm, send, ask
      judging, proving      sections 3 and 4: what an answer means
      identifying, reading  sections 2 and 5: IDs, lines, spans
      resuming, keeping     rules 2, 4 to 8: recovery and ledger
      telling               sections 4 and 6: what is reported
      resolving             R1 to R3: a person's word about doubts
      correcting            C1 to C3: rejected records made good and run again
      verifying             V1 to V3: what was created, read back
      undoing               U1 to U6: a load taken back
    trial       a mistake against seeds, until it is surely killed
    checks      the few that no simulated run passes through: files, lock, disk
    command     ``python -m bench mutants``

Decisions

* *A mistake replaces a part from outside, for the time of a ``with``*; instead of
  switches in the product, which somebody could turn on.
* *Written by hand, one for each rule*, instead of generated ones, most of which cannot
  matter: a table of 30 known mistakes says more than a percentage.
* *A kill counts only while the product itself passes*: the control, the same seeds
  without any mistake, is a row of the table.
"""
