"""The server store: Elasticsearch 8, for when notes and users outgrow one machine."""
