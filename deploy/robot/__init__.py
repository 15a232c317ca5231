"""An example of a program that answers incidents. It knows CeCoIA by its contract alone, see `docs/programs.md`."""
