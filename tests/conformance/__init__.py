"""One list of cases, run through every door and through the same client against a real server: both must look alike."""
