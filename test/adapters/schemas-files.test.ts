import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { SchemasFiles } from '../../src/adapters/schemas-files.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { describeSchemas, note } from '../contracts/schemas.ts'
import { newFolders } from './folders.ts'

const newFolder = newFolders()
const newFile = () => path.join(newFolder(), 'schemas.json')
const id = { name: 'id', type: 'string' }

describeSchemas('schemas-files', () => new SchemasFiles(newFile()))

test('ids are the same after a restart, and go on', async () => {
  const file = newFile()
  const texts = [note(id), note(id, { name: 'count', type: 'int', default: 0 })]
  const ids: number[] = []
  for (const text of texts) ids.push(await new SchemasFiles(file).register('test.Note', text))

  const again = new SchemasFiles(file)
  for (const [at, text] of texts.entries()) {
    expect(await again.register('test.Note', text)).toBe(ids[at])
    expect(await again.byId(ids[at] ?? 0)).toBe(text)
  }
  expect(await again.register('test.Other', note({ name: 'other', type: 'int' }))).toBe(3)
})

test('finds what another process has registered since', async () => {
  const file = newFile()
  const reader = new SchemasFiles(file)
  const given = await new SchemasFiles(file).register('test.Note', note(id))
  expect(await reader.byId(given)).toBe(note(id))
})

test('a registry that cannot be written gives no id out', async () => {
  const file = newFile()
  const schemas = new SchemasFiles(file)
  // a folder where the file should be
  mkdirSync(file, { recursive: true })
  await expect(schemas.register('test.Note', note(id))).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' })
  await expect(schemas.byId(1)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' })
  rmdirSync(file)
  expect(await schemas.register('test.Note', note(id))).toBe(1)
  expect(await new SchemasFiles(file).byId(1)).toBe(note(id))
})

test.each([
  ['cut off', (text: string) => text.slice(0, -20)],
  ['of a later version', (text: string) => text.replace('"layout": 1', '"layout": 2')],
  ['something else', () => '{"layout": 1, "schemas": [{"id": "one"}]}'],
])('a file that is %s is refused', async (_what, spoil) => {
  const file = newFile()
  await new SchemasFiles(file).register('test.Note', note(id))
  const text = readFileSync(file, 'utf8')
  expect(spoil(text)).not.toBe(text)
  writeFileSync(file, spoil(text))
  let thrown: unknown
  try {
    new SchemasFiles(file)
  } catch (error) {
    thrown = error
  }
  expect(failureIn(thrown)?.code).toBe('STATE_CORRUPT')
  expect(failureIn(thrown)?.help).toMatch(/copy/)
})
