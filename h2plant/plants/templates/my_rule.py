# mypy: ignore-errors
"""A dispatch rule of your own: full power while the price is below its mean of the last day, else a fifth.

In the plant: `dispatch: {kind: user_rule, file: my_rule.py:decide, ...}`. docs/own_rule.md says what a rule may take.
"""

DAY_S = 86400.0


def approached(value, target, share):
    """Return a value that has come nearer to a target by a share of the way."""
    return value + (target - value) * share


def decide(price_eur_per_mwh, soec_power_w, pem_power_w, dt_s, memory):
    """Return the requested powers of the SOEC and the PEM line, W."""
    if memory[1] == 0.0:  # the first step
        memory[0] = price_eur_per_mwh
        memory[1] = 1.0
    memory[0] = approached(memory[0], price_eur_per_mwh, dt_s / DAY_S)
    if price_eur_per_mwh <= memory[0]:
        return soec_power_w, pem_power_w
    return 0.2 * soec_power_w, 0.2 * pem_power_w
