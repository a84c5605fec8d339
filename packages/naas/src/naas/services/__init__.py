"""What may be done, and by whom: decisions over the store and the engine. Nothing here knows HTTP."""
