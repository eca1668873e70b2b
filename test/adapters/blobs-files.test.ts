import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { BlobsFiles } from '../../src/adapters/blobs-files.ts'
import { describeBlobs } from '../contracts/blobs.ts'
import { newFolders } from './folders.ts'

const newFolder = newFolders()

describeBlobs('blobs-files', () => new BlobsFiles(newFolder()))

test('a blob is a file at its address', async () => {
  const folder = newFolder()
  await new BlobsFiles(folder).put('models/3f9a', Buffer.from('a forest'))
  expect(readFileSync(path.join(folder, 'models', '3f9a'), 'utf8')).toBe('a forest')
})

test('another process finds the blobs, and writes nothing by reading', async () => {
  const folder = newFolder()
  await new BlobsFiles(folder).put('a/1', Buffer.from('one'))
  const before = readdirSync(folder, { recursive: true })
  const other = new BlobsFiles(folder)
  expect(await other.list('')).toEqual(['a/1'])
  expect(Buffer.from(await other.get('a/1')).toString()).toBe('one')
  expect(readdirSync(folder, { recursive: true })).toEqual(before)
})

test('what a dead process left unfinished is no blob, and goes away', async () => {
  const folder = newFolder()
  const unfinished = path.join(folder, '.unfinished')
  mkdirSync(unfinished, { recursive: true })
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(path.join(unfinished, `${pid}-1`), 'half a for')
  writeFileSync(path.join(unfinished, `${process.pid}-99`), 'still at it')
  const blobs = new BlobsFiles(folder)
  expect(await blobs.list('')).toEqual([])
  await blobs.put('a', Buffer.from('one'))
  expect(readdirSync(unfinished)).toEqual([`${process.pid}-99`])
})

test('a folder that cannot be written is the world at fault', async () => {
  const folder = newFolder()
  writeFileSync(folder, 'a file where the folder should be')
  await expect(new BlobsFiles(folder).put('a', Buffer.from('one'))).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' })
})

test('those of several threads of a process do not get into each other’s way', async () => {
  const folder = newFolder()
  const stores = [new BlobsFiles(folder), new BlobsFiles(folder)]
  const bytesOf = (store: number, n: number) => new Uint8Array(10_000).fill(1 + store + 2 * (n % 100))
  await Promise.all(
    stores.map(async (blobs, store) => {
      for (let n = 0; n < 40; n++) await blobs.put(`of-${store}/${n}`, bytesOf(store, n))
    }),
  )
  for (const [store, blobs] of stores.entries()) {
    for (let n = 0; n < 40; n++) expect(Buffer.compare(await blobs.get(`of-${store}/${n}`), bytesOf(store, n))).toBe(0)
  }
})
