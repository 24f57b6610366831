"""The fake platforms, a process of their own that shares no code with the app."""
