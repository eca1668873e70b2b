import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { days, hours, minutes } from '../../src/lib/time.ts'
import type { ModelCommand, ModelDecision } from '../../src/records.ts'
import { register } from '../../src/stages/register.ts'
import { day, m } from './events.ts'
import { StageRun } from './stage-io.ts'

const card = (version: string) => ({
  artefact: `models/${version}`,
  hash: `hash of ${version}`,
  featureSet: 'f',
  trainedFrom: null,
  trainedTo: null,
  rows: 100,
  why: 'test',
  parent: null,
  parameters: '{}',
  metrics: '{}',
})
const ref = (version: string, correction: number[] = []) => ({ version, hash: `hash of ${version}`, correction })

function command(verb: ModelCommand['verb'], version: string, change: Partial<ModelCommand> = {}): ModelCommand {
  const about = { id: `${verb} ${version}`, by: 'OPERATOR', hour: m(0), verb, version } as const
  const free = { expectedChampion: null, compare: false, effectiveFrom: null, reason: 'asked', evidence: null }
  return { ...about, ...free, card: verb === 'REGISTER' ? card(version) : null, correction: [], ...change }
}

class Registering extends StageRun {
  constructor() {
    super(register)
  }

  ask(...commands: ModelCommand[]): this {
    for (const each of commands) this.put('models.commands', 'ModelCommand', each)
    this.drain()
    return this
  }

  endStep(at = m(0)): this {
    this.put('models.commands', 'StepEnded', { at })
    this.drain()
    return this
  }

  get decisions(): ModelDecision[] {
    return this.out('models.registry', 'ModelDecision')
  }

  get last(): ModelDecision | undefined {
    return this.decisions.at(-1)
  }
}

/** v1 is the champion, v2 and v3 challenge it; live. */
const settled = () =>
  new Registering().ask(
    command('REGISTER', 'v1'),
    command('PROMOTE', 'v1'),
    command('REGISTER', 'v2'),
    command('REGISTER', 'v3'),
  )

describe('a version', () => {
  test('that comes first challenges nobody, and is no champion until it is promoted', () => {
    const run = new Registering().ask(command('REGISTER', 'v1'))
    expect(run.out('models.registry', 'ModelVersion')).toEqual([{ version: 'v1', card: card('v1') }])
    expect(run.last).toMatchObject({ accepted: true, champion: null, challengers: [] })
    run.ask(command('PROMOTE', 'v1'))
    expect(run.last).toMatchObject({ accepted: true, because: 'asked', champion: ref('v1'), challengers: [] })
  })

  test('that comes later is a challenger', () => {
    expect(settled().last).toMatchObject({ champion: ref('v1'), challengers: [ref('v2'), ref('v3')] })
  })

  test('without a card is not registered', () => {
    const run = new Registering().ask(command('REGISTER', 'v1', { card: null }))
    expect(run.last).toMatchObject({ accepted: false, because: expect.stringContaining('where it came from') })
    expect(run.out('models.registry', 'ModelVersion')).toEqual([])
  })

  test('is immutable: the same name with other content is refused', () => {
    const run = settled().ask(command('REGISTER', 'v2', { id: 'again', card: card('v9') }))
    expect(run.last).toMatchObject({ accepted: false, because: expect.stringContaining('other content') })
    run.ask(command('REGISTER', 'v2', { id: 'same again' }))
    expect(run.last).toMatchObject({ accepted: true, challengers: [ref('v2'), ref('v3')] })
  })

  test.each(['PROMOTE', 'REJECT', 'ROLL_BACK'] as const)('that nobody registered cannot be the object of %s', verb => {
    const run = settled().ask(command(verb, 'v8'))
    expect(run.last).toMatchObject({ accepted: false, because: 'no version v8 is registered', champion: ref('v1') })
  })
})

describe('a promotion', () => {
  test('puts the challenger in the place of the champion and says so under the alias', () => {
    const run = settled().ask(command('PROMOTE', 'v2', { evidence: '{"n":9}' }))
    expect(run.last).toMatchObject({
      accepted: true,
      evidence: '{"n":9}',
      champion: ref('v2'),
      challengers: [ref('v3')],
    })
    const alias = run.out('models.registry', 'ModelAlias').at(-1)
    expect(alias).toEqual({ alias: 'champion', version: 'v2', hash: 'hash of v2', effectiveFrom: m(0) + days(1) })
  })

  test('of the champion is refused', () => {
    expect(settled().ask(command('PROMOTE', 'v1', { id: 'x' })).last).toMatchObject({ accepted: false })
  })

  test('of two at once that expect the same champion one wins, and the other is told who is champion now', () => {
    const change = { compare: true, expectedChampion: 'v1' }
    const run = settled().ask(command('PROMOTE', 'v2', change), command('PROMOTE', 'v3', change))
    expect(run.decisions.slice(-2)).toMatchObject([
      { version: 'v2', accepted: true },
      { version: 'v3', accepted: false, because: 'the champion is v2, not v1', champion: ref('v2') },
    ])
  })

  test('that expects nobody is refused once there is a champion', () => {
    const run = settled().ask(command('PROMOTE', 'v2', { compare: true }))
    expect(run.last).toMatchObject({ accepted: false, because: 'the champion is v1, not nobody' })
  })

  test('that is refused leaves no alias behind', () => {
    const run = settled()
    const before = run.out('models.registry', 'ModelAlias').length
    run.ask(command('PROMOTE', 'v8'))
    expect(run.out('models.registry', 'ModelAlias')).toHaveLength(before)
  })
})

describe('rejection and roll back', () => {
  test('a rejected challenger challenges no more; who is none cannot be rejected', () => {
    const run = settled().ask(command('REJECT', 'v2'))
    expect(run.last).toMatchObject({ accepted: true, champion: ref('v1'), challengers: [ref('v3')] })
    run.ask(command('REJECT', 'v2', { id: 'again' }))
    expect(run.last).toMatchObject({ accepted: false, because: 'v2 is not a challenger' })
  })

  test('only a former champion comes back', () => {
    const run = settled().ask(command('ROLL_BACK', 'v2'))
    expect(run.last).toMatchObject({ accepted: false, because: 'v2 was never the champion' })
    run.ask(command('PROMOTE', 'v2'), command('ROLL_BACK', 'v1'))
    expect(run.last).toMatchObject({ accepted: true, champion: ref('v1'), challengers: [ref('v3')] })
    run.ask(command('ROLL_BACK', 'v2', { id: 'forth' }))
    expect(run.last).toMatchObject({ accepted: true, champion: ref('v2') })
  })
})

describe('a recalibration', () => {
  const by = (correction: number[], change: Partial<ModelCommand> = {}) =>
    command('RECALIBRATE', 'v1', { id: `by ${correction.join()}`, by: 'JUDGE', correction, ...change })

  test('corrects the champion, and no challenger, from its effectiveFrom on', () => {
    const run = settled().ask(by([-120, 40, 0]))
    expect(run.last).toMatchObject({
      verb: 'RECALIBRATE',
      accepted: true,
      effectiveFrom: m(0) + days(1),
      champion: ref('v1', [-120, 40, 0]),
      challengers: [ref('v2'), ref('v3')],
    })
  })

  test('stays until the next one, whatever becomes of challengers, also after a restart', () => {
    const run = settled().ask(by([-120, 40, 0]), command('REJECT', 'v2'))
    run.restart()
    run.ask(command('REGISTER', 'v4'))
    expect(run.decisions.slice(-2)).toMatchObject([
      { champion: ref('v1', [-120, 40, 0]) },
      { champion: ref('v1', [-120, 40, 0]) },
    ])
    expect(run.ask(by([30, 0, 1])).last).toMatchObject({ champion: ref('v1', [30, 0, 1]) })
  })

  test('ends with a promotion, and a former champion comes back without', () => {
    const run = settled().ask(by([-120, 40, 0]), command('PROMOTE', 'v2'))
    expect(run.last).toMatchObject({ champion: ref('v2') })
    run.ask(by([70, 70, 7], { version: 'v2', expectedChampion: 'v2', compare: true }), command('ROLL_BACK', 'v1'))
    expect(run.decisions.slice(-2)).toMatchObject([{ champion: ref('v2', [70, 70, 7]) }, { champion: ref('v1') }])
  })

  test('of another than the champion, or by nothing, is refused and changes nothing', () => {
    const run = settled().ask(
      by([50, 1, 1], { id: 'v2', version: 'v2' }),
      by([9]),
      by([9, 9, 9], { id: 'late', expectedChampion: 'v2', compare: true }),
    )
    expect(run.decisions.slice(-3)).toMatchObject([
      { accepted: false, because: 'v2 is not the champion', champion: ref('v1') },
      { accepted: false, because: 'a recalibration says by how much at each knot', champion: ref('v1') },
      { accepted: false, because: 'the champion is v1, not v2', champion: ref('v1') },
    ])
  })
})

describe('a repeated id', () => {
  test('changes nothing and is not answered again, also after a restart', () => {
    const run = settled()
    const said = run.emitted.length
    run.restart()
    run.ask(command('REGISTER', 'v2'), command('PROMOTE', 'v1'), command('REJECT', 'v3', { id: 'PROMOTE v1' }))
    expect(run.emitted).toHaveLength(said)
  })

  test('counts once among what is held', () => {
    const run = new Registering().endStep().ask(command('REGISTER', 'v1'), command('REGISTER', 'v1'))
    expect(run.balance()).toEqual({ versions: 0, decisions: 0, held: 1 })
    expect(run.endStep().balance()).toEqual({ versions: 1, decisions: 1, held: 0 })
  })
})

describe('when', () => {
  test('live, commands are applied at once, in the order in which they come', () => {
    const run = new Registering().ask(
      command('REGISTER', 'v2', { by: 'OPERATOR' }),
      command('REGISTER', 'v1', { by: 'JUDGE' }),
    )
    expect(run.decisions.map(({ version }) => version)).toEqual(['v2', 'v1'])
  })

  test('in a replay they are held until the step has ended', () => {
    const run = new Registering().endStep().ask(command('REGISTER', 'v1'))
    expect(run.decisions).toEqual([])
    run.restart()
    expect(run.endStep().decisions).toMatchObject([{ version: 'v1', accepted: true }])
  })

  test('then they are applied by (judge, trainer, operator; hour; id), however they came', () => {
    const commands = [
      command('REGISTER', 'a', { id: '9', by: 'JUDGE', hour: m(60) }),
      command('REGISTER', 'b', { id: '1', by: 'TRAINER', hour: m(0) }),
      command('REGISTER', 'c', { id: '2', by: 'TRAINER', hour: m(0) }),
      command('REGISTER', 'd', { id: '0', by: 'TRAINER', hour: m(60) }),
      command('REGISTER', 'e', { id: '00', by: 'OPERATOR', hour: m(-60) }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(commands, { minLength: 5 }), order => {
        const run = new Registering()
          .endStep()
          .ask(...order)
          .endStep()
        expect(run.decisions.map(({ version }) => version)).toEqual(['a', 'b', 'c', 'd', 'e'])
      }),
    )
  })

  test('a decision takes effect with the first step that begins after its hour is closed', () => {
    const fromOf = (hour: number) => new Registering().ask(command('REGISTER', 'v1', { hour })).last?.effectiveFrom
    expect(fromOf(day + hours(23))).toBe(day + days(1))
    // closed by the mark of 24:00, the last of the step
    expect(fromOf(day + days(1) - minutes(10))).toBe(day + days(1))
    expect(fromOf(day + days(1) - minutes(10) + 1)).toBe(day + days(2))
  })

  test('an operator may name the instant, but none before a decision that was made earlier', () => {
    const run = new Registering().ask(command('REGISTER', 'v1', { effectiveFrom: m(30) }))
    expect(run.last?.effectiveFrom).toBe(m(30))
    run.ask(command('PROMOTE', 'v1', { effectiveFrom: m(20) }))
    expect(run.last?.effectiveFrom).toBe(m(30))
    run.ask(command('REJECT', 'v8', { effectiveFrom: m(500) }), command('REGISTER', 'v2', { effectiveFrom: m(40) }))
    // what was refused has no effect, hence delays none
    expect(run.last?.effectiveFrom).toBe(m(40))
  })
})

test('state is enough: a restart after any step changes nothing', () => {
  const verb = fc.constantFrom('REGISTER', 'PROMOTE', 'REJECT', 'ROLL_BACK', 'RECALIBRATE' as const)
  const asked = fc
    .tuple(verb, fc.constantFrom('v1', 'v2', 'v3'), fc.nat(30), fc.boolean(), fc.constantFrom(null, 'v1', 'v2'))
    .map(([what, version, id, compare, expectedChampion]) =>
      command(what, version, {
        id: String(id),
        compare,
        expectedChampion,
        hour: m(id * 60),
        correction: [9 - id, id, 0],
      }),
    )
  const stream = fc.array(fc.option(asked, { nil: 'ended' as const, freq: 5 }), { maxLength: 30 })
  fc.assert(
    fc.property(stream, says => {
      const [whole, broken] = [new Registering(), new Registering()]
      for (const run of [whole, broken]) {
        for (const say of says) {
          if (say === 'ended') run.put('models.commands', 'StepEnded', { at: m(0) })
          else run.put('models.commands', 'ModelCommand', say)
        }
      }
      whole.drain()
      broken.drain(() => broken.restart())
      expect(broken.emitted).toEqual(whole.emitted)
      expect(broken.balance()).toEqual(whole.balance())
      // one decision an id
      const ids = whole.decisions.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})
