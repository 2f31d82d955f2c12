"""What measures the program itself: accuracy, speed, profiles, trend over the runs, property tables."""
