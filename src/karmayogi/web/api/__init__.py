"""Our JSON API: what the pages know, for programs, through the same gate; one module an audience."""
