"""The phone in the browser, and the scanner that it shares with the JS-SDK."""
