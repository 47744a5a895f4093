"""What scripts/load measures: endpoints under load by wrk on 600,000 messages, and clients that wait for messages."""
