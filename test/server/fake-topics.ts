// The topics of the project as the fake program lists them.

import fs from 'node:fs'
import path from 'node:path'

type TopicFile = {
  name: string
  doc: string
  partitions: number | string
  records: string[]
  writtenBy: string | null
  doors: string[]
  cleanup: string
}

const projectFolder = path.join(import.meta.dirname, '../..')

export function topicFiles(): TopicFile[] {
  const folder = path.join(projectFolder, 'topics')
  return fs.readdirSync(folder).map(file => {
    const topic = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as TopicFile
    const { name, doc, partitions, records, writtenBy, doors, cleanup } = topic
    return { name, doc, partitions, records, writtenBy, doors, cleanup }
  })
}
