"""The parts of a stack as scripts/run runs it: what each is given, how it is started, when it is ready."""
