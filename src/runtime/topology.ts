// Topology: topics and the stages between them, as data. Page one is written in these words.

import type { TopicSpec } from './log.ts'
import type { Stage } from './stage.ts'

export type Wiring = {
  /** Inputs of the task's own partition; in their order. */
  readonly reads: readonly string[]
  /** A topic whose partitions are merged by one task. */
  readonly gathers?: string
  /** A topic that the process folds into one view for all tasks. */
  readonly shares?: string
  readonly writes: readonly string[]
  /** Whether undecodable records are the stage's business instead of a corrupt log. */
  readonly raw?: boolean
}

export type Node<Settings> = Wiring & { readonly stage: Stage<Settings> }

export function stage<Settings>(of: Stage<Settings>, wiring: Wiring): Node<Settings> {
  return { ...wiring, stage: of }
}

export type Topic = {
  readonly name: string
  readonly partitions: 'N' | 1
  readonly cleanup: 'delete' | 'compact'
}

export type Pipeline<Settings> = {
  readonly topics: readonly Topic[]
  readonly nodes: readonly Node<Settings>[]
  /** Where records go on which a stage fails. */
  readonly deadLetters: string
}

/** A stage that gathers, or reads only single-partition topics, has one task; any other has one a partition. */
export function taskCount<S>(node: Node<S>, topics: readonly Topic[], partitions: number): number {
  if (node.gathers) return 1
  const single = node.reads.every(name => topics.find(topic => topic.name === name)?.partitions === 1)
  return single ? 1 : partitions
}

export function changelogOf(stageName: string): string {
  return `${stageName}.changelog`
}

/** Every topic a log needs for this pipeline, changelogs included. */
export function topicSpecs<S>(pipeline: Pipeline<S>, partitions: number): TopicSpec[] {
  const own = pipeline.topics.map(topic => ({
    name: topic.name,
    partitions: topic.partitions === 1 ? 1 : partitions,
    cleanup: topic.cleanup,
  }))
  const changelogs = pipeline.nodes.map(node => ({
    name: changelogOf(node.stage.name),
    partitions: taskCount(node, pipeline.topics, partitions),
    // kept until a snapshot trims it, however old it gets
    cleanup: 'delete' as const,
  }))
  return [...own, ...changelogs]
}

/** The page as a Mermaid flowchart: topics as cylinders, stages as boxes. */
export function diagram<S>(pipeline: Pipeline<S>): string {
  const id = (name: string) => name.replaceAll('.', '_')
  const lines = ['flowchart LR']
  for (const topic of pipeline.topics) lines.push(`  ${id(topic.name)}[(${topic.name})]`)
  for (const node of pipeline.nodes) {
    const name = node.stage.name
    lines.push(`  ${name}[${name}]`)
    for (const topic of [...node.reads, ...(node.gathers ? [node.gathers] : [])])
      lines.push(`  ${id(topic)} --> ${name}`)
    if (node.shares) lines.push(`  ${id(node.shares)} -.-> ${name}`)
    for (const topic of node.writes) lines.push(`  ${name} --> ${id(topic)}`)
  }
  return lines.join('\n')
}
