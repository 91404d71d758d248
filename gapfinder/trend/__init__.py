"""Where demand is going: trend, festivals, season, surges, and what the coming weeks may bring."""
