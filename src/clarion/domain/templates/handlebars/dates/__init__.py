"""Dates by Java's SimpleDateFormat patterns, which the service's template language uses; locale en_US."""
