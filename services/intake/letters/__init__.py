"""Reading mail: from bytes, however broken, to what they say. Pure; nothing here knows of incidents."""
