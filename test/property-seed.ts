// Properties are tried on the same examples in every run, so that a failure can be repeated and a change is judged by
// what it changed. Look further with PROPERTY_SEED=random (or a number) before the test command.

import fc from 'fast-check'

const wish = process.env.PROPERTY_SEED ?? '2013'
if (wish !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wish) })
