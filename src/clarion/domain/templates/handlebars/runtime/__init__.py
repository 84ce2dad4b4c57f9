"""What a rendering works on: values and how they are found, their text, numbers, and the run itself."""
