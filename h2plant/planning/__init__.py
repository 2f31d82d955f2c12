"""Plans for the days ahead: a reduced model of a plant, its best operation by HiGHS, carried out by the engine."""
