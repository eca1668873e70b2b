import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test('processes that write a file at the same time leave a whole one, and none fails', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipstream-whole-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'deep', 'settings.json')
  const module = pathToFileURL(path.join(import.meta.dirname, '../../src/adapters/whole-file.ts')).href
  const write = (letter: string) =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { writeWhole } from '${module}'
       for (let n = 0; n < 150; n++) writeWhole(${JSON.stringify(file)}, '${letter}'.repeat(5000))`,
    ])
  await Promise.all(['a', 'b', 'c'].map(write))
  expect(readFileSync(file, 'utf8')).toMatch(/^(a{5000}|b{5000}|c{5000})$/)
  expect(readdirSync(path.dirname(file))).toEqual(['settings.json'])
})
