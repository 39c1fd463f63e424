"""The steps that load the miniature, one module per part. Each runs alone, after those before it, and twice alike."""
