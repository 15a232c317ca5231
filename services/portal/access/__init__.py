"""Who is at the browser: signing in and out, sessions, the way back."""
