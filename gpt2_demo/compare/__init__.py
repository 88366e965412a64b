"""Does a teacher's loss per batch spare a student the tuning of its learning rate?

In this order: `presets` says how large, `runs` which ones, `teachers` whose losses,
`runner` and `pool` train, `verdict` decides by the rules of `rules`, `words` says it.
"""
