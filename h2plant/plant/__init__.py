"""The plant as data: components, links, checks, and lowering to arrays."""
