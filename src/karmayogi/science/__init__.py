"""The arithmetic of the loop: pure functions of numbers, without Django, clock or hidden randomness."""
