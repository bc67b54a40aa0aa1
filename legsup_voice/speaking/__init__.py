"""From lines to speaker samples."""
