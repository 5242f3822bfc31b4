"""Reading tar archives: headers, pax records, sparse maps. Contents are skipped."""
