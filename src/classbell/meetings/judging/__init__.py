"""
From stays to verdicts: pure calculation, no database, no clock.

The same stays give the same verdicts in whatever order, however often and in however many pieces they are told, and more
presence never makes a verdict worse. What counts is the scheduled time for as long as the meeting really ran: nobody is
blamed for minutes in which there was nothing to attend, and nobody earns any by staying on afterwards.
"""
