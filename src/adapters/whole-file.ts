// A small file that is there whole or not at all, whoever else writes it at the same moment.

import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

/** The file holds the text, on disk, on return; of several writers one comes last. Makes its folder. */
export function writeWhole(file: string, text: string): void {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true })
  // a name of its own: processes that share a folder begin it together
  const written = `${file}.${randomUUID()}.new`
  const handle = openSync(written, 'w')
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(written, file)
  const folderHandle = openSync(folder, 'r')
  try {
    fsyncSync(folderHandle)
  } finally {
    closeSync(folderHandle)
  }
}
