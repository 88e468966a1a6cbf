"""The list of leads without its locks: what security costs is measured against it."""
