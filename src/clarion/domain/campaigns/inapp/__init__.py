"""In-app campaigns: messages that a client asks for, and shows by itself when something happens."""
