# mypy: ignore-errors
"""A dispatch rule of your own: full power while the price is below its mean of the last day, else a fifth.

In the plant: `dispatch: {kind: user_rule, file: my_rule.py:decide, ...}`. docs/own_rule.md says what a rule may take.
"""

DAY_S = 86400.0


def approached(value, target, share):
    """Return a value that has come nearer to a target by a share of the way."""
    return value + (target - value) * share


def decide(price_eur_per_mwh, line_power_w, request_w, dt_s, memory):
    """Write the power that is wanted for each line, W, into ``request_w``; what is not written there is zero."""
    if memory[1] == 0.0:  # the first step
        memory[0] = price_eur_per_mwh
        memory[1] = 1.0
    memory[0] = approached(memory[0], price_eur_per_mwh, dt_s / DAY_S)
    load_frac = 1.0 if price_eur_per_mwh <= memory[0] else 0.2
    for i in range(len(request_w)):
        request_w[i] = load_frac * line_power_w[i]
