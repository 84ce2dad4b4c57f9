"""How a message leaves the house: transports behind one port. They know no app, template or SQL."""
