"""Signal front ends in integer arithmetic, number for number what firmware/features computes."""
