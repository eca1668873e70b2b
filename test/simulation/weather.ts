// Foul weather, from a seed: sizes of units and fetches, who is slow, which calls fail, when a process is killed or loses
// its tasks to another one, and how the log behaves.

import type { LogFaults } from '../../src/adapters/log-memory.ts'
import { Dice } from './dice.ts'
import type { Fate, Weather } from './gate.ts'
import type { Sizes } from './process.ts'
import type { PlayOptions } from './world.ts'

type Foul = Pick<PlayOptions, 'sizes' | 'weather' | 'logSeed' | 'slowMarkers' | 'faults' | 'handOverAt'>

/** What one foul run is played with; all of it follows from the seed. */
export function foul(seed: number): Foul {
  const dice = new Dice(seed)
  const handOverAt = new Set<number>()
  for (let left = dice.pick([0, 0, 1, 2]); left > 0; left--) handOverAt.add(dice.between(1, 3000))
  const any: Foul = {
    sizes: foulSizes(dice),
    weather: foulWeather(dice),
    logSeed: dice.below(1 << 30),
    slowMarkers: dice.pick([0, 8, 40, 200]),
    faults: foulFaults(dice),
    handOverAt,
  }
  return dice.pick([any, any, any, { ...any, ...slowRegistry(dice) }, { ...any, ...slowZombies(dice) }])
}

/** The registry lags, and whoever ends a step dies right after it has said so. */
function slowRegistry(dice: Dice): Partial<Foul> {
  const left = { die: 6 }
  return {
    weather: {
      fateAt: ({ call, when }) => {
        const saidSo = when === 'after' && /^commit (replay|publisher)$/.test(call)
        return saidSo && dice.below(2) === 0 && left.die-- > 0 ? 'die' : 'go'
      },
      waitAt: call => (/ (register|models\.)/.test(call) ? dice.below(600) : 0),
    },
  }
}

/** Every other process is slow where it tidies up; tasks change hands again and again, and processes die. */
function slowZombies(dice: Dice): Partial<Foul> {
  const left = { die: 3 }
  const handOverAt = new Set(Array.from({ length: 4 }, () => dice.between(100, 5000)))
  return {
    sizes: { ...foulSizes(dice), unitSteps: dice.pick([20, 60]), snapshotBytes: dice.pick([400, 1500]) },
    handOverAt,
    weather: {
      fateAt: () => (dice.below(700) === 0 && left.die-- > 0 ? 'die' : 'go'),
      waitAt: (call, life) => (life % 2 === 1 && /^(trim|list|delete)/.test(call) ? dice.below(500) : 0),
    },
  }
}

function foulSizes(dice: Dice): Sizes {
  return {
    unitSteps: dice.pick([1, 7, 20, 50, 300, 1000, dice.between(2, 300)]),
    unitBytes: dice.pick([1000, 20_000, 1 << 20]),
    fetchBytes: dice.pick([1, 2000, 20_000, 1 << 19]),
    budgetBytes: dice.pick([1, 20_000, 1 << 24]),
    snapshotBytes: dice.pick([1000, 10_000, 50_000, 1 << 24]),
    unitRecords: dice.pick([1, 10, 100, 1000]),
    engines: dice.pick([1, 1, 2, 3]),
  }
}

function foulWeather(dice: Dice): Weather {
  const killOneIn = dice.pick([0, 300, 1000, 3000])
  const failOneIn = dice.pick([0, 50, 200, 1000])
  const left = { die: dice.pick([2, 6, 12]), fail: dice.pick([5, 20, 60]) }
  const target = dice.pick(targets)
  const wait = laziness(dice)
  return {
    fateAt({ call, when }): Fate {
      const isTarget = call.startsWith(target) && when === 'after'
      const dies = killOneIn > 0 && dice.below(isTarget ? 3 : killOneIn) === 0
      if (dies && left.die-- > 0) return 'die'
      const fails = failOneIn > 0 && dice.below(failOneIn) === 0
      return fails && left.fail-- > 0 ? 'fail' : 'go'
    },
    waitAt: wait,
  }
}

/** Calls after which a process dies more often than elsewhere. */
const targets = [
  'nothing',
  'commit replay',
  'commit publisher',
  'commit register',
  'commit seal',
  'put',
  'trim',
  'claim',
]

/** Some tasks and topics are slow, now and then one is very slow. */
function laziness(dice: Dice): (call: string) => number {
  const most = dice.pick([0, 3, 30, 300])
  const known = new Map<string, number>()
  return call => {
    const who = call.slice(call.indexOf(' ') + 1)
    let waitMax = known.get(who)
    if (waitMax === undefined) {
      waitMax = dice.pick([0, 0, 1, most])
      known.set(who, waitMax)
    }
    return dice.below(waitMax + 1)
  }
}

/** Commits that are not answered, and take effect all the same, a little later. */
function foulFaults(dice: Dice): LogFaults {
  const laterOneIn = dice.pick([0, 0, 30, 200])
  let left = 20
  const isLate = () => dice.below(laterOneIn) === 0 && left-- > 0
  return laterOneIn === 0
    ? {}
    : { onCommit: (_task, _n, when) => (when === 'before' && isLate() ? 'later' : undefined) }
}
