import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from 'vitest'

/** @returns a maker of paths where nothing is yet; all of them are removed after the last test of the file */
export function newFolders(): () => string {
  const root = mkdtempSync(path.join(tmpdir(), 'slipstream-test-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  let count = 0
  return () => path.join(root, `${++count}`)
}
