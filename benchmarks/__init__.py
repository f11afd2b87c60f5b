"""What measures this project against the textbook method; needs benchmarks/requirements.txt."""
