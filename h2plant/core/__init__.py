"""Foundation: the compiler's settings, units, constants, the bus, declarations, property tables."""
