import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quiet, type Reading, sustain } from '../../src/drift/sustained.ts'

const patience = { openAfter: 3, resolveAfter: 2 }
const readings = { s: 'shifted', b: 'between', c: 'clear', u: 'unknown' } as const

/** One letter a reading, at 1, 2, 3 ...; what each changed. */
function changesOf(letters: string, state = quiet()): string[] {
  return letters.split('').flatMap((letter, index) => {
    const change = sustain(state, readings[letter as keyof typeof readings], index + 1, patience)
    return change ? [`${change} at ${index + 1}`] : []
  })
}

describe('a sustained shift', () => {
  const cases: [fact: string, letters: string, changes: string[]][] = [
    ['opens after so many readings in a row', 'sss', ['opened at 3']],
    ['does not open for fewer', 'sscss', []],
    ['does not open when a reading between the bounds comes in', 'ssbss', []],
    ['opens once, however long it lasts', 'ssssssssss', ['opened at 3']],
    ['resolves after so many clear readings in a row', 'ssscc', ['opened at 3', 'resolved at 5']],
    ['does not resolve between the bounds', 'sssbbbbbb', ['opened at 3']],
    ['starts to count the clear ones again after one that is not', 'ssscbcscc', ['opened at 3', 'resolved at 9']],
    ['opens again after it was resolved', 'sssccsss', ['opened at 3', 'resolved at 5', 'opened at 8']],
    ['is neither sped up nor held up by readings without an answer', 'susuusucuuc', ['opened at 6', 'resolved at 11']],
    ['never opens on readings without an answer', 'uuuuuu', []],
  ]
  test.each(cases)('%s', (_fact, letters, changes) => expect(changesOf(letters)).toEqual(changes))

  test('says when it began, and when it was opened', () => {
    const state = quiet()
    changesOf('scuss', state)
    expect(state).toEqual({ since: 4, count: 2, openedAt: null })
    sustain(state, 'shifted', 6, patience)
    expect(state).toEqual({ since: 4, count: 0, openedAt: 6 })
  })

  test('leaves nothing behind when it is resolved', () => {
    const state = quiet()
    changesOf('sssscc', state)
    expect(state).toEqual(quiet())
  })

  test('opened and resolved alternate, whatever the readings and the patience', () => {
    const reading = fc.constantFrom<Reading>('shifted', 'between', 'clear', 'unknown')
    const times = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), times, times, (all, openAfter, resolveAfter) => {
        const state = quiet()
        const changes = all.flatMap((each, at) => sustain(state, each, at, { openAfter, resolveAfter }) ?? [])
        changes.forEach((change, index) => expect(change).toBe(index % 2 === 0 ? 'opened' : 'resolved'))
        expect(state.openedAt !== null).toBe(changes.length % 2 === 1)
      }),
    )
  })

  test('it goes on from its row', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('s', 'b', 'c', 'u'), maxLength: 30 }),
        fc.nat(30),
        (letters, at) => {
          const first = quiet()
          const before = changesOf(letters.slice(0, at), first)
          const row = JSON.parse(JSON.stringify(first)) as typeof first
          const after = changesOf(letters.slice(at), row).map(change => change.replace(/ at .*/, ''))
          const whole = changesOf(letters).map(change => change.replace(/ at .*/, ''))
          expect([...before.map(change => change.replace(/ at .*/, '')), ...after]).toEqual(whole)
        },
      ),
    )
  })
})
