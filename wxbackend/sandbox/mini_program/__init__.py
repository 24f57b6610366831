"""The mini-program beside the Official Account: its people, codes and messages."""
