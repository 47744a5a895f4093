"""What the service bears, one module for each command of scripts/resilience."""
