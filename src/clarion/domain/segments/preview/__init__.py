"""A segment looked at before anything is sent: whom it has, and why it has not more.

words      a condition in words, and what an endpoint has that it asks about
outline    a definition as a list of steps, each with its condition
explain    how many each step lets through, and which one keeps an endpoint out
estimate   how many could be messaged, and what keeps the others from it
"""
