"""Load by wrk on a data set of 600,000 messages, as scripts/load measures it."""
