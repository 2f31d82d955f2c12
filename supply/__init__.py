"""What the program is made of and from where: lock file, licences, bill of materials, audits, the source archive."""
