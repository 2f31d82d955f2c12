"""Files and requests that are wrong in every way: each is read, or refused with a sentence (``make soak``)."""
