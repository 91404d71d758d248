"""Runs over HTTP and in the browser: looks up what analyses have stored, and computes nothing."""
