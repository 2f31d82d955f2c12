"""Status codes that a component's step returns, in one place.

``OK`` is silence. Any other code opens an event (component, first and last step, amount); codes from
``FATAL`` on stop the run and are reported with component and minute.
"""

OK = 0
RELIEF = 1  # a relief valve blew; amount: kg/s
TRIP = 2  # a protection shut the unit down; amount: the value that tripped it
LIMITED = 3  # a limit of the machine held back what was asked; amount: what was held back (unit of the ask)
SHORTAGE = 4  # a store or supply was empty; amount: what was missing (kg/s or W)
FLARED = 5  # product vented because nothing downstream could take it; amount: kg/s
CURTAILED = 6  # available power not used; amount: W
SHED = 7  # power drawn from a grid beyond its limit, no bus between that settles it; amount: W
OFF_SPEC = 8  # product outside its purity limits; amount: mole fraction of the worst impurity
OVER_TEMPERATURE = 9  # temperature above its limit; amount: K above
UNDER_TEMPERATURE = 10  # temperature below its limit; amount: K below
WORN_OUT = 11  # end of life reached; amount: hours run
OVERFLOW = 12  # a full tank spilled; amount: kg/s
MISSED_DELIVERY = 13  # a truck left short; amount: kg/s
IMBALANCE = 14  # more taken from the grid than planned, beyond the band; amount: W
BLACKOUT = 15  # grid and store of a bus gave too little: lines off until it is over; amount: W of the emergency supply
SOLVER_TRIP = 16  # no state was found for what arrives: bypassed for this step, tried again in the next; amount: kg/s
UPHILL = 17  # gas came to a store at a pressure below the store's; amount: Pa below
NO_POWER = 18  # what feeds it has tripped, or it is out: it rests; amount: kg/s that came to it or were asked of it
OUT_OF_SERVICE = 19  # a fault of the plant's file keeps it out; amount: share of it
FOULED = 20  # such a fault takes heat transfer; amount: share of it
MISREAD = 21  # such a fault lets a signal be read wrong; amount: bias, or share
OVER_RATING = 22  # more is drawn through a converter than its rating, which it still carries; amount: W above

FATAL = 100
NOT_CONVERGED = 100  # an iteration inside the component did not converge
OUT_OF_RANGE = 101  # a state left the range of the property tables
NEGATIVE_FLOW = 102  # more was asked of a component than it can give, and nobody limited it
RULE_RAISED = 103  # a rule of the user's own raised an error
RULE_NOT_FINITE = 104  # a rule of the user's own answered what is no number
NO_PLAN = 105  # nobody has planned this time
KERNEL_RAISED = 106  # a kernel of a kind from outside raised an error: a slot beyond the bus, for instance

STATUS_TEXT = {
    OK: "in order",
    RELIEF: "relief valve open",
    TRIP: "tripped",
    LIMITED: "limited by the machine",
    SHORTAGE: "supply short",
    FLARED: "product vented, nothing can take it",
    CURTAILED: "power curtailed",
    SHED: "power drawn without a source",
    OFF_SPEC: "product off specification",
    OVER_TEMPERATURE: "temperature too high",
    UNDER_TEMPERATURE: "temperature too low",
    WORN_OUT: "end of life reached",
    OVERFLOW: "tank overflows",
    MISSED_DELIVERY: "delivery short",
    IMBALANCE: "import beyond the plan (imbalance)",
    BLACKOUT: "blackout: emergency supply, lines off",
    SOLVER_TRIP: "no solution found, bypassed",
    NO_POWER: "no power, or out of service",
    UPHILL: "gas comes at too low a pressure",
    OUT_OF_SERVICE: "out of service (fault)",
    FOULED: "fouled (fault)",
    MISREAD: "signal read wrong (fault)",
    OVER_RATING: "over its rating",
    NOT_CONVERGED: "no convergence",
    OUT_OF_RANGE: "state outside the property tables",
    NEGATIVE_FLOW: "negative flow",
    RULE_RAISED: "the rule of your own raised an error",
    NO_PLAN: "there is no plan for this time: negative set point",
    RULE_NOT_FINITE: "the rule of your own returned a power that is not finite",
    KERNEL_RAISED: "its kind raised an error, such as an index out of bounds (--engine baseline tells which)",
}
