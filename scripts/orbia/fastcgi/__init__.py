"""FastCGI as a client speaks it: records, and a connection that carries them."""
