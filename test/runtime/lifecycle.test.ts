import { expect, test } from 'vitest'
import { move, type TaskState } from '../../src/runtime/lifecycle.ts'

const states: readonly TaskState[] = ['created', 'restoring', 'running', 'parked', 'failed', 'elsewhere', 'stopped']

// the arrows of the drawing, one line each; a state that works on or waits on stays what it is
const arrows = [
  'created restoring',
  'restoring running',
  'restoring failed',
  'running running',
  'running parked',
  'running failed',
  'parked parked',
  'parked running',
  'parked failed',
  'failed restoring',
  'created elsewhere',
  'running elsewhere',
  'parked elsewhere',
  'failed elsewhere',
  'elsewhere restoring',
  ...states.map(state => `${state} stopped`),
]

const pairs = states.flatMap(from => states.map(to => ({ from, to, arrow: `${from} ${to}` })))

test.each(pairs.filter(({ arrow }) => arrows.includes(arrow)))('a task moves from $from to $to', ({ from, to }) => {
  expect(move(from, to)).toBe(to)
})

test.each(pairs.filter(({ arrow }) => !arrows.includes(arrow)))('no task moves from $from to $to', ({ from, to }) => {
  expect(() => move(from, to)).toThrow(`a task moves from ${from} to ${to}`)
})
