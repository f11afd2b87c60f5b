"""More ways to paint: several paintings at one press, a table of settings, textures and doodles."""
