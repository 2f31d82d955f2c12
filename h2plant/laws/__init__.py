"""The laws that a run is audited by: small functions of what is seen of a component, each with equation and source."""
