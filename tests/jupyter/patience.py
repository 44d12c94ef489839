"""How long anything may take. A machine may have much else to do, and stop any
process for a while; only a failing test waits so long."""

# In seconds.
PATIENCE = 300
