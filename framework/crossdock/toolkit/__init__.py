"""Floor 3: what every connector needs: SQL, HTTP, files, redaction."""
