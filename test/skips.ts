// The only way to skip a test: with the reason and the way out, which `npm test` prints at its end.

import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'vitest'

const file = path.join(import.meta.dirname, '..', '.slipstream', 'skipped.txt')

/**
 * `describe` and `test` that run only when `condition` holds.
 *
 *     skipUnless(hasJava, 'Kafka tests need Java 17', 'apt-get install openjdk-17-jre-headless').describe('log-kafka', ...)
 */
export function skipUnless(condition: boolean, reason: string, howToGet: string) {
  if (!condition) {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.appendFileSync(file, `  ${reason}: ${howToGet}\n`)
  }
  return { describe: describe.skipIf(!condition), test: test.skipIf(!condition) }
}
