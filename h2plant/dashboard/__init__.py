"""The dashboard: a local web application to browse, run and compare runs."""
