"""What words cannot see: notes and needs compared by an embedder that the user names. An option, never required."""
