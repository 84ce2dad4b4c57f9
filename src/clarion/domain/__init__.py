"""The product, a slice per resource; upper slices may use lower ones, siblings never each other.

campaigns | journeys
messaging
segments | templates | sms | email | analytics | streams
events
audience
apps
"""
