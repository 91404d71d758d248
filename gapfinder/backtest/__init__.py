"""Backtest: gaps found with data up to a day, against what happened to them in the weeks after it."""
