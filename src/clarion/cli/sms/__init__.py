"""Commands about text messages both ways: numbers, keywords, opt-outs, spending."""
