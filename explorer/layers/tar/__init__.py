"""Reads tar archives: headers, pax records, sparse maps. Skips contents."""
