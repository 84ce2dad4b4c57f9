"""Message templates: their versions, and the language they are written in (`handlebars`)."""
