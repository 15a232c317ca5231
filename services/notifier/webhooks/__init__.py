"""Events sent to addresses that supervisors registered: signed, again until they arrive, never to where we must not."""
