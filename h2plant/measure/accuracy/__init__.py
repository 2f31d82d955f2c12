"""How far the compiled engine is from the baseline: over sampled days, or over a whole run that can be resumed."""
