"""Tables as people have them: files of many formats become columns with times, quantities and units."""
