"""The probability that notes answer a need, from what both say: the one place where that estimate is made.

* :mod:`~gapfinder.answers.subjects`: needs and blocks of notes as arrays of numbers.
* :mod:`~gapfinder.answers.pairs`: features of (need, note) pairs, in a compiled kernel.
* :mod:`~gapfinder.answers.levels`: features of a need from those of its candidates.
* :mod:`~gapfinder.answers.logistic`: regularised logistic regression.
* :mod:`~gapfinder.answers.model`: the two regressions as one model, and what ships with the project.
* :mod:`~gapfinder.answers.pseudo`: queries made from notes, whose answer is known.
* :mod:`~gapfinder.answers.learning`: training without labels, and with what was clicked.
"""
