"""scripts/measure-search: the data that it searches, and its figures."""
