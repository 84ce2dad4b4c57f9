"""HTTP mechanics below the AWS protocols: bodies, CORS, plain pages, the access log."""
