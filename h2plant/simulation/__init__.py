"""The lowered program, the compiled loop and the engines that run it."""
