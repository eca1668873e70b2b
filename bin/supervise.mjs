// Keeps a program alive: one that is killed or crashes is started again with the same arguments, and goes on from what
// it had committed. What it was told to do (a signal to us, Ctrl-C), and what it refuses to do (a port in use, a wrong
// flag), is not undone: its exit code is ours.
//
// The program says over its channel `listening` once it serves, so that a crash is told from a refusal, and `kill` before
// it kills itself because somebody asked for that (POST /v1/pipeline/kill), and `pace ...` whenever a replay was paused or
// sped up, which its next life is told. It learns from its environment that it is
// supervised, and which of its lives this is.

import { setTimeout as sleep } from 'node:timers/promises'
import { watch } from './child.mjs'

/** A life shorter than this is one that failed; after `quickMax` in a row nothing is tried any more. */
const quickMs = 10_000
const quickMax = 5
const firstWaitMs = 500

/**
 * @typedef {object} End
 * @property {number} code
 * @property {string | null} signal by which it died
 * @property {boolean} isAsked we were told to end it
 * @property {ReadonlySet<string>} said
 * @property {number} livedMs
 */

/** @param {End} end */
export function isToBeRevived({ code, signal, isAsked, said }) {
  if (isAsked) return false
  if (signal !== null) return !['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal)
  return code !== 0 && said.has('listening')
}

/** How many lives in a row were too short, this one included. @param {number} before @param {End} end */
export function quickDeaths(before, { said, livedMs }) {
  if (said.has('kill')) return before
  return livedMs < quickMs ? before + 1 : 0
}

/** The first one after a good life is not waited for. @param {number} quick */
export function waitMsAfter(quick) {
  return quick < 2 ? 0 : firstWaitMs * 2 ** (quick - 2)
}

/**
 * @param {string} node the binary
 * @param {string[]} args a script and its arguments
 * @param {{ graceMs: number, say: (line: string) => void }} options
 * @returns {Promise<number>} the exit code of the last life
 */
export async function supervise(node, args, { graceMs, say }) {
  let pace = ''
  for (let lives = 1, quick = 0; ; lives++) {
    const life = { SLIPSTREAM_SUPERVISED: '1', SLIPSTREAM_LIVES: String(lives), SLIPSTREAM_PACE: pace }
    const env = { ...process.env, ...life }
    const startedAt = performance.now()
    const ended = await watch(node, args, { graceMs, env })
    const end = { ...ended, livedMs: performance.now() - startedAt }
    if (!isToBeRevived(end)) return end.code
    pace = [...end.said].findLast(word => word.startsWith('pace '))?.slice('pace '.length) ?? pace
    quick = quickDeaths(quick, end)
    const how = end.signal === null ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`
    if (quick >= quickMax) {
      say(`\nslipstream: it ${how}, the ${quick}th time in a row within ${quickMs / 1000} s of its start; given up.`)
      say(
        'What it said last is above. Its data are as they were committed: `slipstream doctor` looks for what is wrong.',
      )
      return end.code
    }
    const waitMs = waitMsAfter(quick)
    say(`\nslipstream: it ${how}; started again${waitMs > 0 ? ` in ${waitMs / 1000} s` : ''} (life ${lives + 1})`)
    await sleep(waitMs)
  }
}
