"""Files to plants, series and scenarios, with findings for all that is wrong in them."""
