"""HTTP mechanics below the AWS protocols: bodies, CORS, plain pages, request rates, the access log."""
